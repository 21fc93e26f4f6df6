"""The application: command line, configuration, jobs, wiring."""

__version__ = "0.1.0"

"""The application: command line, configuration, and the steps that connect the rooms below."""

__version__ = "0.1.0"

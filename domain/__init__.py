"""The words everyone speaks: frozen dataclasses and errors, no I/O, no third-party imports."""

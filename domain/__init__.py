"""The types that all rooms share: frozen dataclasses and errors, no I/O, no third-party imports."""

"""Errors raised on purpose. str(error) is one sentence an operator can act on."""

from collections.abc import Sequence
from datetime import timedelta


class EarshotError(Exception):
    """Base of every deliberate error; anything else that escapes is a bug. Exit code 1."""


class ConfigError(EarshotError):
    """config.toml, the environment or the call is wrong; nothing was started. Exit code 2.

    problems: every problem found, one sentence each; shown one a line, all at once.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class StoreError(EarshotError):
    """The database is out of reach, locked, full or broken; what was asked may be all right."""


class StaleError(EarshotError):
    """Somebody decided something else before this: the sentence says what, who and when."""


class InputError(EarshotError):
    """A file from outside cannot be read at all (single bad rows are counted, not raised)."""


class RemoteError(EarshotError):
    """A service we call refused or failed.

    permanent: True when repeating the same call cannot help (bad token, channel gone).
    retry_after: how long the service asked us to wait, if it said.
    ambiguous: True when the call may have taken effect although no answer arrived.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.ambiguous = ambiguous

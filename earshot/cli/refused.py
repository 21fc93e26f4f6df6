"""How an import tells which rows of a file it refused."""

from pathlib import Path

from domain.errors import EarshotError, InputError
from earshot.cli.base import complain, complain_some
from earshot.customers.refusals import Refusals


def tell_refused(file: Path, refused: Refusals, *, good: int) -> None:
    """Name the first of the refused rows. Raises EarshotError when there are any.

    A script must notice that. good: how many rows could be read at all.
    """
    if refused.trouble:
        complain(f"{refused.beside} cannot be written: {refused.trouble}")
    if not refused.count:
        return
    complain_some(
        [f"line {line}: {reason}" for line, reason in refused.first],
        before=f"{file}: ",
        others="bad rows",
        count=refused.count,
    )
    if not good:
        raise InputError(f"{file}: no row could be read; mend the file and import it again")
    see = f", see {refused.beside}" if refused.is_kept else ""
    raise EarshotError(
        f"{file}: {refused.count} rows were refused{see}; mend them and import the file again"
    )

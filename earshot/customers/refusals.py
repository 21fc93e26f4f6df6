"""The rows of a file that were refused, with their lines and reasons, in a file beside it."""

import csv
import heapq
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Refusals:
    """Writes them as they come; the file beside of an older import goes."""

    def __init__(self, file: Path, *, shown: int, is_kept: bool = True) -> None:
        """shown: how many are kept to be shown, those of the first lines. is_kept: in a file."""
        self.is_kept = is_kept
        self.beside = file.with_name(f"{file.stem}.refused.csv")
        self.count = 0
        self.first: list[tuple[int, str]] = []
        self.trouble = ""  # why the file beside could not be written
        self._shown = shown
        self._files = ExitStack()
        self._out: Any = None

    def add(self, refused: Iterable[tuple[int, str]]) -> None:
        rows = sorted(refused)
        if not rows:
            return
        self.first = heapq.nsmallest(self._shown, [*self.first, *rows])
        self.count += len(rows)
        if not self.is_kept:
            return
        try:
            if self._out is None and not self.trouble:
                out = self.beside.open("w", encoding="utf-8", newline="")
                self._out = csv.writer(self._files.enter_context(out))
                self._out.writerow(("line", "reason"))
            if self._out is not None:
                self._out.writerows(rows)
        except OSError as error:
            self._failed(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            self._files.close()
            if error is None and self.is_kept and not self.count:
                self.beside.unlink(missing_ok=True)
        except OSError as problem:
            self._failed(problem)

    def _failed(self, error: OSError) -> None:
        self.trouble = str(error.strerror or error)
        self._out = None

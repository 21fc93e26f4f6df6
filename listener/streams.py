"""Feeds, channels and servers side by side: one that fails does not stop the others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from domain.errors import RemoteError
from listener.source import Page
from listener.walk import each_ask


def each_stream(
    cursor: Mapping[str, Any] | None,
    streams: Sequence[str],
    walk: Callable[[str, Mapping[str, Any] | None], Iterator[Page]],
    *,
    ends_all: tuple[type[RemoteError], ...] = (),
) -> Iterator[Page]:
    """One walk for each stream, as each_ask; what failed is told in a page at the end.

    ends_all: errors that the other streams would meet too; they are raised at once.
    Raises RemoteError when every stream failed.
    """
    failed: list[RemoteError] = []

    def tried(stream: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
        try:
            yield from walk(stream, state)
        except ends_all:
            raise
        except RemoteError as error:
            failed.append(error)

    last = cursor or {}
    for page in each_ask(cursor, streams, tried):
        last = page.cursor
        yield page
    if len(failed) == len(streams) == 1:
        raise failed[0]
    if failed and len(failed) == len(streams):
        raise _together(failed) from failed[0]
    if failed:
        yield Page((), last, 0, tuple(map(str, failed)))


def _together(failed: Sequence[RemoteError]) -> RemoteError:
    """One error for all; it is permanent only if nothing would be found by trying again."""
    waits = [error.retry_after for error in failed if error.retry_after is not None]
    return RemoteError(
        "; ".join(dict.fromkeys(map(str, failed))),
        permanent=all(error.permanent for error in failed),
        retry_after=max(waits, default=None),
    )

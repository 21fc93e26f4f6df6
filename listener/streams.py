"""Several searches, feeds, channels or servers of one source, each with a cursor of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.errors import RemoteError
from listener.source import Page


def each_ask(
    cursor: Mapping[str, Any] | None,
    asks: Sequence[str],
    walk: Callable[[str, Mapping[str, Any] | None], Iterator[Page]],
) -> Iterator[Page]:
    """One walk for each search or feed, each with a cursor of its own within the one given.

    The cursor of an ask that is no longer made is dropped. One from before there were several asks
    is where each of them goes on.
    """
    kept = (cursor or {}).get("asks", dict.fromkeys(asks, cursor))
    kept = kept if isinstance(kept, dict) else {}
    states = {ask: kept[ask] for ask in asks if isinstance(kept.get(ask), dict)}
    for ask in asks:
        for page in walk(ask, states.get(ask)):
            states[ask] = dict(page.cursor)
            yield replace(page, cursor={"asks": dict(states)})


def each_stream(
    cursor: Mapping[str, Any] | None,
    streams: Sequence[str],
    walk: Callable[[str, Mapping[str, Any] | None], Iterator[Page]],
    *,
    ends_all: tuple[type[RemoteError], ...] = (),
) -> Iterator[Page]:
    """One walk for each stream, as each_ask; failures become sentences of a page at the end.

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

"""What is said below a post of an own page: comments and the replies to them, page after page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from domain.errors import RemoteError
from domain.mention import Mention
from listener.clean import identifier
from listener.dates import instant
from listener.sources.meta.graph import PageRequests, Thing, following, has_next, things, within
from listener.sources.refusals import AllRefusedError
from net.refusals import NoAnswerError

_MOST_PAGES = 20  # of one listing below a post, in one pass
_USUAL = 25  # so many things Graph gives where no number is asked for
_SURE = 3  # at the end of a page that must be too old: one that is pinned ends nothing


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a network lists what, and how it is read."""

    name: str  # of the source
    tagged: str  # the edge with what others post and tag the account in
    own: str  # the edge with what stands on the account itself
    dated: str  # the field that says when
    post: str  # fields of a post
    comment: str  # fields of a comment
    reply: str  # fields of a reply that comes within its comment; "" where it comes as a comment
    comments: str  # the comments of a post among its fields: {since}, {limit} and {fields}
    asked: Mapping[str, str]  # the same for the comments of one post; {since} in the values
    since_filter: (
        bool  # only comments since an instant come, in any order; else all do, newest first
    )
    needs: str  # permissions
    read_post: Callable[[Thing, datetime], Mention | None]
    read_comment: Callable[[Thing, Thing, datetime], Mention | None]  # the post first


@dataclass(slots=True)
class Comments:
    """What is said below the posts of one page of a listing."""

    shape: Shape
    requests: PageRequests
    back_to: datetime
    missing: list[str] = field(default_factory=list)  # a sentence for each listing with a loss
    page_size: int = 0  # comments that were asked for with each post

    def of(self, post: Thing) -> list[object]:
        """Comments and replies, as far as they are not older than back_to; older ones may come."""
        shape, found = self.shape, list[object]()
        since = {key: value.format(since=self._since) for key, value in shape.asked.items()}
        asked = {**since, "fields": shape.comment}
        for comment in self._listed(post, "comments", asked):
            found.append(comment)
            if shape.reply and isinstance(comment, dict):
                found += self._listed(comment, "replies", {"fields": shape.reply})
        return found

    def fields(self, page_size: int) -> str:
        """Of a post, and of what comes with it of its comments."""
        shape, self.page_size = self.shape, page_size
        asked = {"since": self._since, "limit": page_size, "fields": shape.comment}
        return f"{shape.post},{shape.comments.format_map(asked)}"

    @property
    def _since(self) -> int:
        return int(self.back_to.timestamp())

    def _listed(self, above: Thing, edge: str, asked: Mapping[str, Any]) -> Iterator[object]:
        """What came of an edge with the thing above it, and what is asked for behind that."""
        listing: object = above.get(edge)
        external_id, name = identifier(above.get("id")), self.shape.name
        path, seen = f"{quote(external_id, safe='')}/{edge}", set[str]()
        for _ in range(_MOST_PAGES):
            bookmark, fresh = following(listing), _fresh(listing, seen)
            yield from fresh
            if self._is_finished(edge, listing):
                return
            if not bookmark or not fresh:
                break
            try:
                listing = self.requests.get(path, _behind(asked, bookmark))
                things(name, listing)
            except (AllRefusedError, NoAnswerError):
                raise
            except RemoteError as error:
                self.missing.append(f"{error}, so {edge} below {external_id} are missing")
                return
        self.missing.append(f"{name}: not all {edge} below {external_id} were listed")

    def _is_finished(self, edge: str, listing: object) -> bool:
        """Whether nothing of use is behind this page, although it may have a bookmark."""
        found = within(listing)
        few = len(found) < (self.page_size if edge == "comments" else _USUAL)
        if not following(listing):
            return few
        if self.shape.since_filter:
            return False
        dates = [one.get(self.shape.dated) for one in found if isinstance(one, dict)]
        times = [at for at in map(instant, dates) if at is not None]
        last = times[-_SURE:]
        if all(at < self.back_to for at in last) and last == sorted(last, reverse=True):
            return True
        ends = edge == "replies" and few and not has_next(listing)
        return ends and all(at < self.back_to for at in times)


def _behind(asked: Mapping[str, Any], bookmark: str) -> Callable[[int], Mapping[str, Any]]:
    return lambda page_size: {**asked, "limit": page_size, "after": bookmark}


def _fresh(listing: object, seen: set[str]) -> list[object]:
    """What of a page did not come before; a thing without an id is always kept."""
    fresh = [one for one in within(listing) if _id(one) not in seen]
    seen.update(filter(None, map(_id, fresh)))
    return fresh


def _id(thing: object) -> str:
    return identifier(thing.get("id")) if isinstance(thing, dict) else ""

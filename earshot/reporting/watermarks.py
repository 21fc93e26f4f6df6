"""What a published number was computed from, and how that has changed since, in words."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import NamedTuple

from domain.customer import LinkState
from domain.incident import Resolution, State
from storage.link_ledger import Turn
from storage.listing_states import IncidentState, ListingState

OTHERWISE = "what it rests on changed"


@dataclass(frozen=True, slots=True)
class Counts:
    """How the posts of a window stood."""

    listed: int = 0  # posts, with those that are hidden
    scored: int = 0
    waiting: int = 0  # to be scored
    hidden: int = 0  # as noise
    edited: int = 0
    deleted: int = 0
    corrected: int = 0  # tones
    answered: int = 0  # on their platform, in time
    dismissed: int = 0  # incidents
    unasked: int = 0  # incidents of which a person says that they need no answer
    elsewhere: int = 0  # incidents of which a person says that they were answered elsewhere
    # Of which ones: as many others are a change, too.
    which_hidden: str = ""
    which_edited: str = ""
    which_corrected: str = ""


@dataclass(frozen=True, slots=True)
class Watermark:
    """What a number was computed from."""

    formula: str
    model: str
    counts: Counts
    linked: int  # accounts of customers
    newest: int  # the greatest id of its posts: what has a greater one came later
    judged: int  # the newest judgement on any link
    digest: str  # of every value that it was computed from

    def dump(self) -> str:
        """As it is stored."""
        flat = {key: value for key, value in asdict(self).items() if key != "counts"}
        return json.dumps(flat | asdict(self.counts))


def load(text: str) -> Watermark | None:
    """What dump() made; None: it is of an earlier release."""
    try:
        flat = json.loads(text)
    except ValueError:
        return None
    counts = Counts(**{one.name: flat.pop(one.name) for one in fields(Counts)})
    return Watermark(counts=counts, **flat)


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands that a number rests on."""

    posts: Sequence[ListingState]  # of its window
    asking: Sequence[ListingState] = ()  # the posts whose time for an answer ended in it
    incidents: Sequence[IncidentState] = ()  # of these
    yardstick: timedelta = timedelta(0)  # that time

    @property
    def newest(self) -> int:
        """The greatest id of its posts; 0: there are none."""
        return max((post.mention_id for post in (*self.posts, *self.asking)), default=0)

    def until(self, newest: int) -> "Standing":
        """Of the posts alone whose ids are not greater."""
        return Standing(
            [post for post in self.posts if post.mention_id <= newest],
            [post for post in self.asking if post.mention_id <= newest],
            [one for one in self.incidents if one.mention_id <= newest],
            self.yardstick,
        )

    def counts(self) -> Counts:
        closed = Counter(how for _, how in {(one.incident_id, one.how) for one in self.incidents})
        hidden = [post.mention_id for post in self.posts if post.is_hidden]
        edited = [
            (post.mention_id, post.edited_at.timestamp()) for post in self.posts if post.edited_at
        ]
        corrected = [(post.mention_id, post.corrected) for post in self.posts if post.corrected]
        return Counts(
            listed=len(self.posts),
            scored=_count(self.posts, lambda post: post.label is not None),
            waiting=_count(self.posts, lambda post: post.waits),
            hidden=len(hidden),
            edited=len(edited),
            deleted=_count(self.posts, lambda post: post.is_deleted),
            corrected=len(corrected),
            answered=_count(self.asking, self._is_answered),
            dismissed=closed.pop(State.DISMISSED, 0),
            elsewhere=closed.pop(Resolution.ELSEWHERE, 0),
            unasked=closed.total(),
            which_hidden=_which(hidden),
            which_edited=_which(edited),
            which_corrected=_which(corrected),
        )

    def _is_answered(self, post: ListingState) -> bool:
        answered_at = post.answered_at
        return answered_at is not None and answered_at <= post.published_at + self.yardstick


def _count(posts: Iterable[ListingState], is_one: Callable[[ListingState], bool]) -> int:
    return sum(map(is_one, posts))


def _which(these: Iterable[object]) -> str:
    """The same for the same ones; "" for none."""
    told = sorted(map(repr, these))
    return hashlib.blake2b("\n".join(told).encode(), digest_size=6).hexdigest() if told else ""


def removed(before: Watermark, now: Standing) -> int:
    """How many of the posts that it was computed from are not stored any more."""
    return max(0, before.counts.listed - len(now.until(before.newest).posts))


def why_changed(before: Watermark, now: Standing, turns: Iterable[Turn]) -> str:
    """What changed since a number was computed: "3 scores came late, 2 posts deleted".

    turns: what was decided of any link since.
    """
    known = now.until(before.newest)
    had, has = before.counts, known.counts()
    late = _count(now.posts, lambda post: post.mention_id > before.newest and not post.is_hidden)
    unscored = (had.listed - had.scored) - (has.listed - has.scored)
    told = [
        _told(late + max(0, has.listed - had.listed), "mention came late", "mentions came late"),
        _told(had.listed - has.listed, "mention removed", "mentions removed"),
        _told(unscored, "score came late", "scores came late"),
        _told(has.deleted - had.deleted, "post deleted", "posts deleted"),
        *(words.moved(getattr(had, name), getattr(has, name)) for name, words in _WORDS.items()),
        *(
            others
            for name, others in _OTHERS.items()
            if getattr(had, name) == getattr(has, name)
            and getattr(had, f"which_{name}") != getattr(has, f"which_{name}")
        ),
        *_links(known.posts, turns, after=before.judged),
    ]
    return ", ".join(one for one in told if one) or OTHERWISE


class _Words(NamedTuple):
    """What is said where there is one more, where there are several, and likewise of fewer."""

    one: str
    several: str
    one_less: str
    several_less: str

    def moved(self, had: int, has: int) -> str:
        more = _told(has - had, self.one, self.several)
        return more or _told(had - has, self.one_less, self.several_less)


_WORDS = {
    "edited": _Words("post edited", "posts edited", "", ""),  # what is removed is told already
    "hidden": _Words(
        *("post hidden as noise", "posts hidden as noise"),
        *("hidden post shown again", "hidden posts shown again"),
    ),
    "corrected": _Words(
        *("tone corrected", "tones corrected"), *("correction undone", "corrections undone")
    ),
    "answered": _Words(
        *("answer came late", "answers came late"), *("answer taken back", "answers taken back")
    ),
    "dismissed": _Words(
        *("incident dismissed", "incidents dismissed"),
        *("dismissal taken back", "dismissals taken back"),
    ),
    "unasked": _Words(
        *("incident needs no answer", "incidents need no answer"),
        *("incident needs an answer after all", "incidents need an answer after all"),
    ),
    "elsewhere": _Words(
        *("incident answered elsewhere", "incidents answered elsewhere"),
        *("answer elsewhere taken back", "answers elsewhere taken back"),
    ),
}
# Where as many others are.
_OTHERS = {
    "edited": "posts edited again",
    "hidden": "other posts hidden as noise",
    "corrected": "tones corrected anew",
}


def _told(count: int, one: str, several: str) -> str:
    if count <= 0 or not one:
        return ""
    return f"1 {one}" if count == 1 else f"{count} {several}"


def _links(posts: Iterable[ListingState], turns: Iterable[Turn], *, after: int) -> list[str]:
    """Of the links of who wrote these posts, those that hold now and did not, or the reverse."""
    authors = {post.author_id for post in posts}
    ends: dict[int, tuple[str | None, str]] = {}
    for turn in turns:
        if turn.judgement_id > after and turn.author_id in authors:
            began = ends[turn.link_id][0] if turn.link_id in ends else turn.before
            ends[turn.link_id] = (began, turn.state)
    confirmed = LinkState.CONFIRMED.value
    changed: Mapping[str, int] = Counter(
        state for began, state in ends.values() if (began == confirmed) != (state == confirmed)
    )
    return [_told(changed[state], f"link {state}", f"links {state}") for state in sorted(changed)]

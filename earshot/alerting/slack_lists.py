"""What `/earshot` answers: short lists, for the person who asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from alerts.escape import cut, one_line
from alerts.slack.people import Person
from domain.clock import span
from domain.elements import Element, Facts, Heading, Message, Notes
from domain.incident import Incident
from domain.reputation import BEFORE_ERRORS, Reputation
from earshot.alerting.messages import mentions_of
from earshot.core.app import App
from storage import incidents, views
from storage.views import Filter, MentionView

if TYPE_CHECKING:
    from earshot.reporting.unanswered import Unanswered

MOST_LINES = 20
UNANSWERED = timedelta(days=30)
WORDS = 120  # characters of a post
LABEL = 60
HELP = (
    ("/earshot", "open incidents, the one that is due first at the top"),
    ("/earshot mine", "those that are assigned to you"),
    ("/earshot unanswered", "what asks for an answer and has none, and why no alert told of it"),
    ("/earshot search WORDS", "the newest mentions that hold all of these words"),
    ("/earshot reputation", "the score of each brand"),
)

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    app: App
    session: Session
    person: Person
    rest: str  # behind the word
    now: datetime


def answer(app: App, person: Person, text: str, *, now: datetime) -> Message:
    """What the command shows, masked as all that leaves."""
    word, _, rest = text.strip().partition(" ")
    show = _SHOWN.get(word.casefold(), _help)
    with app.database.read() as session:
        shown = show(_Asked(app, session, person, rest.strip(), now))
    return app.config.masking.message(shown)


def _open(asked: _Asked) -> Message:
    return _of_incidents(asked, "Open incidents", incidents.listing(asked.session, live_only=True))


def _mine(asked: _Asked) -> Message:
    live = incidents.listing(asked.session, live_only=True)
    mine = [one for one in live if one.assignee.casefold() in asked.person.names]
    return _of_incidents(asked, "Your incidents", mine)


def _unanswered(asked: _Asked) -> Message:
    """What asks for an answer and has none, by due time, whether or not an alert told of it."""
    from earshot.reporting.unanswered import unanswered  # noqa: PLC0415  as in _reputation

    found = unanswered(asked.session, asked.app.config, since=asked.now - UNANSWERED, now=asked.now)
    shown = found[: MOST_LINES - 1]
    rows = [_waiting(asked, one) for one in shown]
    return _message("Unanswered", rows, more=len(found) - len(shown), command="earshot unanswered")


def _waiting(asked: _Asked, one: "Unanswered") -> Row:
    label, words = _mention(asked, one.view)
    told = f"no alert: {one.no_alert}" if one.no_alert else ""
    value = (f"{one.severity}, {_due(one.due_at, asked.now)}", told, words)
    return label, " · ".join(filter(None, value))


def _search(asked: _Asked) -> Message:
    if not asked.rest:
        return _help(asked)
    title = f"Search: {cut(one_line(asked.rest), WORDS)}"
    return _of_mentions(asked, title, Filter(search=asked.rest), "earshot mentions --search …")


def _reputation(asked: _Asked) -> Message:
    from earshot.reporting import measure, published  # noqa: PLC0415  numpy, which alerts lack

    config = asked.app.config
    day = measure.last_whole_day(asked.now, config)
    rows = []
    for brand in config.brands[: MOST_LINES - 1]:
        found = published.reputation_on(asked.session, brand.name, day, config, now=asked.now)
        rows.append((brand.name, _score(found)))
    return _message(f"Reputation on {day}", rows)


def _score(found: Reputation) -> str:
    persons = found.n_persons
    if found.score is None:
        return f"no score yet: {persons} of 30 persons in 28 days"
    beside = (f"{persons} persons", *([BEFORE_ERRORS] if found.before_errors else []), *found.marks)
    between = f"{found.low:.0f} to {found.high:.0f}"
    return f"{found.score:.0f} of 100 ({between}, {', '.join(beside)})"


def _help(_asked: _Asked) -> Message:
    return _message("What /earshot shows", HELP)


_SHOWN: Mapping[str, Callable[[_Asked], Message]] = {
    "": _open,
    "mine": _mine,
    "unanswered": _unanswered,
    "search": _search,
    "reputation": _reputation,
    "help": _help,
}


def _of_incidents(asked: _Asked, title: str, found: Sequence[Incident]) -> Message:
    shown = found[: MOST_LINES - 1]
    rows = [_incident(asked, one) for one in shown]
    return _message(title, rows, more=len(found) - len(shown), command="earshot alerts list --open")


def _incident(asked: _Asked, one: Incident) -> Row:
    posts = mentions_of(asked.session, asked.app, one, now=asked.now)
    words = _cut(asked, posts[0].text) if posts else ""
    held = f"{one.state}, {one.assignee}" if one.assignee else str(one.state)
    due = _due(one.due_at, asked.now)
    return f"{one.id} {one.severity}, {due}", " · ".join(filter(None, (held, one.brand, words)))


def _due(at: datetime, now: datetime) -> str:
    left = at - now
    return f"due in {span(left)}" if left.total_seconds() >= 0 else f"overdue by {span(-left)}"


def _of_mentions(asked: _Asked, title: str, wanted: Filter, command: str) -> Message:
    found = views.search(asked.session, wanted, limit=MOST_LINES)
    shown = found if len(found) < MOST_LINES else found[: MOST_LINES - 1]
    more = len(found) - len(shown)
    return _message(
        title, [_mention(asked, one) for one in shown], more=more, at_least=True, command=command
    )


def _mention(asked: _Asked, view: MentionView) -> Row:
    who = f"@{view.author.handle}" if view.author and view.author.handle else "author unknown"
    label = f"{view.mention.id} {view.mention.source} {who}"
    when = f"{view.mention.published_at:%d %b %H:%M} UTC"
    return label, " · ".join((when, view.listing.brand, _cut(asked, view.mention.text)))


def _cut(asked: _Asked, text: str) -> str:
    """Masked first: of half a number nobody sees any more that it is one."""
    return cut(one_line(asked.app.config.masking.text(text)), WORDS)


def _message(
    title: str,
    rows: Iterable[Row],
    *,
    more: int = 0,
    at_least: bool = False,
    command: str = "",
) -> Message:
    """At most MOST_LINES lines below the title."""
    lines = tuple((cut(one_line(label), LABEL), value) for label, value in rows)
    elements: list[Element] = [Heading(title)]
    if lines:
        elements.append(Facts(lines))
    if not lines or more > 0:
        count = "more" if at_least else f"{more} more"
        elements.append(Notes((f"and {count}: {command}" if lines else "Nothing.",)))
    return Message(title, tuple(elements))

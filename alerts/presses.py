"""What a person can do with an incident where they see it, as long as it makes sense."""

from collections.abc import Iterator, Mapping

from domain.elements import Choice, Menu, PeoplePicker, Press, Presses
from domain.incident import LIVE, Incident, State
from domain.press import MORE, SNOOZES, Verb

RARELY = {
    Verb.WRONG_TONE: "Wrong tone",
    Verb.NOT_CUSTOMER: "Not this customer",
    Verb.NOT_ABOUT_US: "Not about us",
    Verb.SEVERITY: "Severity",
    Verb.NOTE: "Note",
}


def presses(incident: Incident, *, about_posts: bool = True) -> Presses:
    """A live one takes every verb that fits it; a closed one a note. Values name no person.

    about_posts: what teaches about posts makes sense for it.
    """
    seen = f"{incident.id}:{incident.version}"
    name, command = f"incident:{seen}", f"earshot alerts show {incident.id}"
    if incident.state not in LIVE:
        return Presses(name, (Press("Note", Verb.NOTE, seen),), command)
    return Presses(name, tuple(_parts(incident, seen, about_posts=about_posts)), command)


def _parts(
    incident: Incident, seen: str, *, about_posts: bool
) -> Iterator[Press | PeoplePicker | Menu]:
    if incident.state is not State.ACKNOWLEDGED:
        yield Press("Acknowledge", Verb.ACKNOWLEDGE, seen)
    yield PeoplePicker("Assign", Verb.ASSIGN)
    yield Menu("Snooze", Verb.SNOOZE, _choices(SNOOZES, seen))
    yield Press("Resolve", Verb.RESOLVE, seen)
    if not about_posts:
        yield Press("Note", Verb.NOTE, seen)
        return
    known = incident.customer is not None
    rarely = {verb: RARELY[verb] for verb in RARELY if known or verb is not Verb.NOT_CUSTOMER}
    yield Menu("More", MORE, _choices(rarely, seen), folded=True)


def _choices(labels: Mapping[Verb, str] | Mapping[str, str], seen: str) -> tuple[Choice, ...]:
    return tuple(Choice(label, f"{value}:{seen}") for value, label in labels.items())

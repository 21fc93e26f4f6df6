"""`reputation explain`: why the score is not what it was."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import click

from domain.reputation import BEFORE_ERRORS, Part, Reputation
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, show
from earshot.cli.tables import many
from earshot.reporting import measure
from earshot.reporting.explaining import Account, Mover, StoryMover, account_json, account_of
from reputation.explain import How, PersonDelta
from reputation.rounding import adding_up, rounded, signed

SPAN = timedelta(days=7)
CLEAR = 1 / 3  # a stance beyond it is positive or negative, as for promoters and detractors
NOT_FINAL = "not final"  # begins the mark of a day that is not published
HOUR = timedelta(hours=1)
_LEAST = 0.05  # points: less is not worth a line
_NOTHING = 1e-6  # points that are only the rounding of sums
_ANSWERS = "answers"
_DID = {How.CAME: "who came", How.LEFT: "who were not heard again", How.CHANGED: "who changed"}
_SHOWN = 0.005  # points that are shown as more than nothing


@click.command("explain")
@brand_option
@click.option(
    "--from", "--against", "then", type=DAY, help="The earlier day.  [default: 7 days before]"
)
@click.option("--to", "--date", "day", type=DAY, help="The later day.  [default: yesterday]")
@click.option("--all", "everything", is_flag=True, help="Everybody, each source and each story.")
@as_json
@click.pass_obj
def explain(
    session: Session,
    brand: str | None,
    then: date | None,
    day: date | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Say what moved the score between two days: who, where, and what is not alike.

    At most five lines; what they name adds up to the change. --all tells the rest.

    Example: earshot reputation explain --from 2026-11-13 --to 2026-11-20
    """
    last = day or (then + SPAN if then else measure.last_whole_day(session.now, session.config))
    first = then or last - SPAN
    if first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}: change them over")
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = account_of(db, name, first, last, session.config, now=session.now)
        if as_json:
            print_json(account_json(found))
            continue
        for line in lines(found, everything=everything):
            show(line)


def lines(found: Account, *, everything: bool = False) -> Iterator[str]:
    """The account for people. everything: with all views, one after the other."""
    if found.found.change is None:
        yield from _incomparable(found)
    else:
        yield _headline(found)
        yield from _unlike(found)
        groups = _groups(found)
        yield _moved(found, groups)
        yield from _answers(found, groups[_ANSWERS])
        yield from _strongest(found.persons)
    if everything:
        yield from _views(found)


def _change(found: Account, digits: int = 1) -> float:
    """As a reader reckons who takes one shown score from the other."""
    old, new = found.before.score, found.after.score
    return (
        0.0
        if old is None or new is None
        else round(rounded(new, digits) - rounded(old, digits), digits)
    )


# --- the first lines ----------------------------------------------------------------------------


def _headline(found: Account) -> str:
    old, new, by = found.before, found.after, _change(found)
    then, now = _score(old), _score(new)
    if by:
        verb = "rose" if by > 0 else "fell"
        told = f"{found.brand}'s reputation {verb} {abs(by):.1f} points, from {then} to {now}"
    else:
        told = f"{found.brand}'s reputation stayed as it was: {then}, and {now}"
    sure = "" if found.comparison.lines or not by else f": {_chance(found)}"
    return f"{told}{sure}. {_errors(new)}"


def _score(day: Reputation) -> str:
    final = any(mark.startswith(NOT_FINAL) for mark in day.marks)
    return f"{day.score:.1f} on {day.date}{f' ({NOT_FINAL})' if final else ''}"


def _errors(day: Reputation) -> str:
    if day.labelled:
        return f"Corrected by what people said of {many(day.labelled, 'person')}."
    return f"This is {BEFORE_ERRORS}."


def _chance(found: Account) -> str:
    told = found.comparison
    if told.beyond_chance is None or told.low is None or told.high is None:
        return "whether by chance is not known"
    more = "more than chance" if told.beyond_chance else "no more than chance"
    return f"{more} ({signed(told.low)} to {signed(told.high)})"


def _unlike(found: Account) -> Iterator[str]:
    """What the two days do not have in common, and what is left of the change without it."""
    told = found.comparison
    if not told.lines:
        return
    if found.alike is None:
        yield f"The days do not compare like for like: {'; '.join(told.lines)}."
    else:
        alike = f"Like for like {signed(found.alike)}: {_chance(found)}."
        yield f"{_upper('; '.join(told.lines))}. {alike}"


def _groups(found: Account) -> dict[str, float]:
    """Everything that moved it, as shown: these points add up to the change."""
    moved = found.found
    groups = [(_of(moved.persons, how), did) for how, did in _DID.items()]
    told = {f"{many(n, 'person')} {did}": points for (n, points), did in groups if n}
    told |= _others(found)
    told["the passing of time"] = moved.time.points
    return dict(zip(told, adding_up(list(told.values()), _change(found)), strict=True))


def _others(found: Account) -> dict[str, float]:
    """What is nobody's and no source's: with it each view adds up."""
    moved = found.found
    by_weight = sum(one.by_weight for one in moved.parts if one.name == "response")
    told = {
        _ANSWERS: moved.response + by_weight,
        "how much each part counts": moved.weights - by_weight,
    }
    if abs(moved.rest) >= _NOTHING:
        labelled = found.before.labelled or found.after.labelled
        told["what labels by hand correct" if labelled else "whoever is not kept"] = moved.rest
    return told


def _of(persons: Sequence[PersonDelta], how: How) -> tuple[int, float]:
    points = [one.points for one in persons if one.how is how]
    return len(points), sum(points)


def _moved(found: Account, groups: Mapping[str, float]) -> str:
    ordered = sorted(groups.items(), key=lambda one: -abs(one[1]))
    told = [f"{what} {signed(points)}" for what, points in ordered if points]
    if told:
        return f"What moved it: {', '.join(told)}."
    n = len(found.found.persons)
    if not n:
        return "Nobody wrote anything new, and nobody left."
    return f"{many(n, 'person')} came, left or changed; that moved nothing."


def _answers(found: Account, points: float) -> Iterator[str]:
    """points: as shown."""
    old, new = _part(found.before, "response"), _part(found.after, "response")
    if not (old and old.n) and not (new and new.n):
        return
    told = f"Answers in time{_within(found.after)}: {_answered(new)}, before {_answered(old)}"
    by = next((one for one in found.found.parts if one.name == "response"), None)
    more = by is not None and abs(by.by_weight) > abs(by.by_value) and points
    why = ", mostly as answers count by how many ask" if more else ""
    moved = f"moved it by {signed(points)}{why}" if points else "moved nothing"
    yield f"{told}; that {moved}."


def _within(day: Reputation) -> str:
    return f" (within {day.answer_yardstick / HOUR:g} h)" if day.answer_yardstick else ""


def _answered(part: Part | None) -> str:
    if part is None or part.value is None:
        return "nobody asked"
    answered = max(0.0, part.value / 100 * (part.n + 1) - 0.5)
    return f"{answered:.0f} of {part.n:,} who asked"


def _strongest(persons: Sequence[Mover]) -> Iterator[str]:
    named = [one for one in persons if one.how is not None]
    if named and abs(named[0].points) >= _LEAST:
        yield f"Most by one person: {_said_of(named[0])}, {signed(named[0].points)}."


def _said_of(one: Mover) -> str:
    who = f"{one.name} (customer)" if one.is_customer or one.was_customer else one.name
    if one.how is How.CAME:
        return f"{who} came, {_felt(one.after)}"
    if one.how is How.LEFT:
        return f"{who}, {_felt(one.before)}, was not heard again"
    if one.how is None:
        return f"{many(one.n, 'person')} {one.name}"
    return f"{who}{_changed(one)}"


def _changed(one: Mover) -> str:
    if one.is_customer and not one.was_customer:
        return f", {_felt(one.after)}, is known as a customer now"
    if one.was_customer and not one.is_customer:
        return f", {_felt(one.after)}, is not known as a customer any more"
    if _word(one.before) == _word(one.after):
        return f" changed, {_word(one.after)} both times: {_range(one.before, one.after)}"
    return f" changed from {_felt(one.before)} to {_felt(one.after)}"


def _felt(stance: float | None) -> str:
    return _word(stance) if stance is None else f"{_word(stance)} ({signed(stance, 2)})"


def _word(stance: float | None) -> str:
    if stance is None:
        return "silent"
    return "positive" if stance >= CLEAR else "negative" if stance <= -CLEAR else "mixed"


def _range(before: float | None, after: float | None) -> str:
    return " → ".join("silent" if one is None else signed(one, 2) for one in (before, after))


def _incomparable(found: Account) -> Iterator[str]:
    """Today's number alone, and why it is not compared."""
    day = found.after
    if day.score is not None and day.low is not None and day.high is not None:
        between = f"{day.low:.1f} to {day.high:.1f}"
        yield f"{found.brand}'s reputation is {_score(day)} ({between}). {_errors(day)}"
    why = "; ".join(found.comparison.lines) or "a score is missing"
    yield f"Nothing can be compared with {found.before.date}: {why}."
    if day.score is None:
        return
    for part in day.parts:
        if part.value is not None:
            share = f"{part.weight:.0%} of the score"
            yield f"  {part.name} {part.value:.1f}, {share}, of {many(part.n, 'person')}"
    for who, points in found.authors[:1]:
        yield f"Without {who} it would be {rounded(day.score - points):.1f}."


# --- every view ---------------------------------------------------------------------------------


def _views(found: Account) -> Iterator[str]:
    moved = found.found
    if moved.change is not None:
        others = [(points, what) for what, points in _others(found).items()]
        parts = [
            (one.delta, f"{one.name}: {_from_to(one.before, one.after)}") for one in moved.parts
        ]
        yield from _view(found, "part", parts)
        aged = (moved.time.points, f"the passing of time, of {many(moved.time.n, 'person')}")
        persons = [(one.points, _said_of(one)) for one in found.persons]
        yield from _view(found, "person", [*persons, aged, *others])
        sources = [
            (one.points, f"{one.source}: {_heads(one.n_before, one.n_after)}")
            for one in moved.sources
        ]
        yield from _view(found, "source", [*sources, *others])
        if any(one.story for one in found.stories):
            yield from _view(found, "story", [*map(_story, found.stories), *others])
    yield from _beside(found)


def _story(one: StoryMover) -> tuple[float, str]:
    if not one.story:
        return one.points, f"what is of no story: {_heads(one.n_before, one.n_after)}"
    if not one.source:
        return one.points, "a story of which no post is shown any more"
    return one.points, f"{one.source} “{one.excerpt}” {one.url}".rstrip()


def _view(found: Account, name: str, told: Sequence[tuple[float, str]]) -> Iterator[str]:
    """The largest first and small ones in one line; what is shown adds up to the change."""
    ordered = sorted(told, key=lambda one: -abs(one[0]))
    large = [one for one in ordered if abs(one[0]) >= _SHOWN]
    small = [points for points, _ in ordered[len(large) :] if points]
    change = _change(found, 2)
    names = [what for _, what in large] + ([f"{len(small)} more"] if small else [])
    points = [points for points, _ in large] + ([sum(small)] if small else [])
    yield f"By {name}, {signed(change, 2)}:"
    for shown, what in zip(adding_up(points, change, 2), names, strict=True):
        yield f"  {signed(shown, 2):>7}  {what}"


def _from_to(before: float | None, after: float | None) -> str:
    values = ["missing" if value is None else f"{value:.1f}" for value in (before, after)]
    return f"{values[0]} → {values[1]}"


def _heads(before: int, after: int) -> str:
    return f"{before} → {many(after, 'person')}"


def _beside(found: Account) -> Iterator[str]:
    """What is in no view: young accounts, and who holds the score up or down."""
    young, before = found.after.young, found.before.young
    if young.points is not None and (young.n or before.n):
        told = f"{young.share:.0%} of the persons, {signed(young.points)}"
        if before.points is not None:
            told += f", before {before.share:.0%}, {signed(before.points)}"
        yield f"Accounts younger than 30 days: {told}."
    if found.authors:
        yield f"Who holds the score of {found.after.date} up or down most:"
        for who, points in found.authors:
            yield f"  {signed(points, 2):>7}  {who}"
    for mark in found.after.marks:
        yield f"Note: {mark}."


def _part(day: Reputation, name: str) -> Part | None:
    return next((one for one in day.parts if one.name == name), None)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

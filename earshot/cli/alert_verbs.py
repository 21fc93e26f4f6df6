"""`alerts ack`, `assign`, … : what people do with incidents, several at once where they like."""

from collections.abc import Callable
from datetime import datetime

import click

from domain.clock import iso
from domain.errors import ConfigError, EarshotError
from domain.incident import Incident, Resolution, Severity, State
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded, Settled
from domain.sentiment import Label
from earshot.alerting import actions
from earshot.cli.base import ID, WHEN, Session, complain, me, one_of, say
from earshot.cli.who import by_option

ids_argument = click.argument("incident_ids", type=ID, metavar="ID...", nargs=-1, required=True)
note_option = click.option("--note", default="", help="Why.")
Ids = tuple[int, ...]
Verb = Callable[..., Incident]  # one of earshot.alerting.actions
Said = Callable[[Incident], str]  # what was done, behind the incident's number


@click.command()
@ids_argument
@by_option
@click.pass_obj
def ack(session: Session, incident_ids: Ids, by: str | None) -> None:
    """Say that you have seen it. The clock runs on until the brand has answered.

    Example: earshot alerts ack 3
    """
    _each(session, incident_ids, by, actions.acknowledge, _state)


@click.command()
@ids_argument
@click.argument("assignee")
@by_option
@click.pass_obj
def assign(session: Session, incident_ids: Ids, assignee: str, by: str | None) -> None:
    """Give it to somebody.

    Example: earshot alerts assign 3 ana
    """
    _each(session, incident_ids, by, actions.assign, _assigned, to=assignee)


@click.command()
@ids_argument
@click.argument("until", metavar="FOR")
@by_option
@click.pass_obj
def snooze(session: Session, incident_ids: Ids, until: str, by: str | None) -> None:
    """Keep quiet about it for a while: 1h, 4h, 1d, or `opening`. The clock runs on.

    `opening` is when the office opens on a later day, or 09:00 of the next day without [hours].

    Example: earshot alerts snooze 3 opening
    """
    _each(session, incident_ids, by, actions.snooze, _snoozed, until=until)


@click.command()
@ids_argument
@click.option("--answered-elsewhere", metavar="CHANNEL", help="e.g. phone. Counts as an answer.")
@click.option("--at", "answered_at", type=WHEN, help="When it was answered there.  [default: now]")
@click.option("--no-answer-needed", is_flag=True, help="There is nothing to say.")
@click.option("--duplicate-of", type=ID, metavar="ID", help="Another incident is about the same.")
@note_option
@by_option
@click.pass_obj
def resolve(
    session: Session,
    incident_ids: Ids,
    *,
    answered_elsewhere: str | None,
    answered_at: datetime | None,
    no_answer_needed: bool,
    duplicate_of: int | None,
    note: str,
    by: str | None,
) -> None:
    """Close it without a reply seen on the platform, and say how, if you can.

    Only what was answered elsewhere counts as answered.

    Example: earshot alerts resolve 3 --answered-elsewhere phone --at 20m
    """
    ways: list[Settled] = []
    if answered_elsewhere is not None:
        ways.append(Elsewhere(answered_elsewhere, answered_at or session.now))
    elif answered_at is not None:
        raise click.UsageError("--at belongs to --answered-elsewhere")
    if no_answer_needed:
        ways.append(NoAnswerNeeded())
    if duplicate_of is not None:
        ways.append(DuplicateOf(duplicate_of))
    if len(ways) > 1:
        raise click.UsageError(
            "choose one of --answered-elsewhere, --no-answer-needed and --duplicate-of"
        )
    how = ways[0] if ways else None
    _each(session, incident_ids, by, actions.resolve, _resolved, how=how, note=note)


@click.command()
@ids_argument
@note_option
@by_option
@click.pass_obj
def dismiss(session: Session, incident_ids: Ids, note: str, by: str | None) -> None:
    """Say that it never needed an answer. Left out of the figures, listed in the digest.

    Example: earshot alerts dismiss 3 --note "a joke"
    """
    _each(session, incident_ids, by, actions.dismiss, _state, note=note)


@click.command("wrong-tone")
@ids_argument
@click.argument("label", type=one_of(Label))
@by_option
@click.pass_obj
def wrong_tone(session: Session, incident_ids: Ids, label: Label, by: str | None) -> None:
    """Say what the tone of its mentions really is, as `earshot correct` does for each.

    When none of them asks for an answer then, it is dismissed; else its severity is judged anew.

    Example: earshot alerts wrong-tone 3 positive
    """
    _each(session, incident_ids, by, actions.wrong_tone, _judged(f"is {label}"), label=label)


@click.command("not-customer")
@ids_argument
@by_option
@click.pass_obj
def not_customer(session: Session, incident_ids: Ids, by: str | None) -> None:
    """Say that its author is not the customer it shows: the link is rejected.

    Its severity is judged anew and may fall; it is dismissed when no rule fires without them.

    Example: earshot alerts not-customer 3
    """
    judged = _judged("is not that customer's")
    _each(session, incident_ids, by, actions.not_this_customer, judged)


@click.command("not-about-us")
@ids_argument
@by_option
@click.pass_obj
def not_about_us(session: Session, incident_ids: Ids, by: str | None) -> None:
    """Say that it is not about the brand: as `earshot noise hide` for its mentions, and dismissed.

    Example: earshot alerts not-about-us 3
    """
    hidden = "is dismissed and its mentions are hidden"
    _each(session, incident_ids, by, actions.not_about_us, lambda _: hidden)


@click.command()
@ids_argument
@click.argument("level", type=one_of(Severity))
@by_option
@click.pass_obj
def severity(session: Session, incident_ids: Ids, level: Severity, by: str | None) -> None:
    """Say how grave it is: no rule lowers that again, and it is never due later than before.

    Example: earshot alerts severity 3 critical
    """
    _each(session, incident_ids, by, actions.set_severity, _rated, severity=level)


@click.command()
@ids_argument
@click.argument("text")
@by_option
@click.pass_obj
def note(session: Session, incident_ids: Ids, text: str, by: str | None) -> None:
    """Keep a note in its history, which `alerts show` prints.

    Example: earshot alerts note 3 "she sent us photos"
    """
    _each(session, incident_ids, by, actions.note, lambda _: "has a note more", text=text)


def _state(after: Incident) -> str:
    return f"is {after.state}"


def _assigned(after: Incident) -> str:
    return f"is assigned to {after.assignee}"


def _snoozed(after: Incident) -> str:
    return f"is snoozed until {iso(after.snoozed_until)}"


def _resolved(after: Incident) -> str:
    match after.resolution:
        case Resolution.ELSEWHERE:
            return f"is resolved, answered elsewhere {iso(after.answered_at)}: {after.answered_in}"
        case Resolution.DUPLICATE:
            return f"is resolved, a duplicate of incident {after.duplicate_of}"
        case Resolution.NO_ANSWER_NEEDED:
            return "is resolved, no answer needed"
        case _:
            return "is resolved"


def _rated(after: Incident) -> str:
    return f"is {after.severity}, due {iso(after.due_at)}"


def _judged(lesson: str) -> Said:
    def said(after: Incident) -> str:
        if after.state is State.DISMISSED:
            return f"{lesson}: dismissed, nothing in it asks for an answer"
        return f"{lesson}: it stays {after.state}, {after.severity}, due {iso(after.due_at)}"

    return said


def _each(
    session: Session, incident_ids: Ids, by: str | None, verb: Verb, said: Said, **given: object
) -> None:
    """Do it to each and say what was done; one that fails stops no other.

    Raises EarshotError at the end when one did.
    """
    who, failed = me() if by is None else by.strip(), 0
    chosen = list(dict.fromkeys(incident_ids))
    for incident_id in chosen:
        try:
            after = verb(session.app, incident_id, **given, by=who, now=session.now)
        except ConfigError:
            raise
        except EarshotError as error:
            if len(chosen) == 1:
                raise
            complain(str(error))
            failed += 1
        else:
            say(f"incident {incident_id} {said(after)}")
    if failed:
        raise EarshotError(f"{failed} of {len(chosen)} incidents stay as they were")


VERBS = (
    *(ack, assign, snooze, resolve, dismiss),
    *(wrong_tone, not_customer, not_about_us, severity, note),
)

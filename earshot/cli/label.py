"""`label`: people say what posts of a random sample feel, and so how far the model is off."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from alerts.escape import terminal
from alerts.wrap import wrap
from domain.clock import iso
from domain.errors import EarshotError
from domain.sentiment import Label
from earshot.cli.base import Session, as_json, brand_option, print_json, say, show
from earshot.cli.who import by_option, decider
from earshot.reporting import labelling
from reputation import error_correction
from storage import effective_sentiment, labels
from storage.labels import Blind

WIDTH = 78
ANSWERS = {
    **dict.fromkeys(("-", "n", "negative"), Label.NEGATIVE),
    **dict.fromkeys(("0", "neutral"), Label.NEUTRAL),
    **dict.fromkeys(("+", "p", "positive"), Label.POSITIVE),
    **dict.fromkeys(("s", "skip"), None),
}
UNDO, QUIT = ("u", "undo"), ("q", "quit")
ASK = "- negative, 0 neutral, + positive, s skip, u undo, q quit"


@click.command("label")
@brand_option
@by_option
@click.option("--list", "is_list", is_flag=True, help="Only show how far it has come, by brand.")
@as_json
@click.pass_obj
def label(
    session: Session, *, brand: str | None, by: str | None, is_list: bool, as_json: bool
) -> None:
    """Label the posts of a random sample, without seeing what the model says of them.

    Each week twenty persons who wrote about a brand are drawn. What you say of their posts toward
    the brand changes no tone: it shows how far the model is off, and with fifty persons labelled
    the score and the NPS proxy are corrected by it. Answers are read from standard input, one a
    line, where it is no terminal.

    Example: earshot label --by ana
    """
    if as_json and not is_list:
        raise click.UsageError("--json goes with --list")
    labelling.draw_due(session.app, now=session.now)
    names = session.brands(brand)
    if is_list:
        _list(session, names, as_json=as_json)
        return
    who = decider(by)
    with session.app.database.read() as db:
        waiting = [
            one
            for name in names
            for one in labelling.waiting(db, name, session.config, now=session.now)
        ]
    if not waiting:
        say("nothing is to be labelled: persons are drawn on Mondays, of the week before")
        return
    say(f"What does each post say of the brand? {ASK}")
    done = _ask(session, waiting, who)
    left = len(waiting) - done
    say(f"{done} done, {left} left{': earshot label' if left else ''}")


def _ask(session: Session, waiting: Sequence[Blind], who: str) -> int:
    """Ask after one post after the other; return how many were dealt with."""
    at = 0
    while at < len(waiting):
        _show(waiting[at], at + 1, len(waiting))
        answer = _answer()
        if answer in QUIT:
            break
        if answer in UNDO:
            at = _undo(session, waiting, at, who)
            continue
        _give(session, waiting[at], ANSWERS[answer], who)
        at += 1
    return at


def _show(post: Blind, number: int, of: int) -> None:
    written = post.published_at.astimezone(None).strftime("%Y-%m-%d %H:%M")
    show(f"{number} of {of} · {post.brand} · {post.source} · {written}")
    for row in wrap(terminal(post.text), WIDTH - 2):
        show(f"  {row}")


def _answer() -> str:
    """What was answered, as ANSWERS, UNDO or QUIT have it; the end of the input is QUIT."""
    while True:
        try:
            given: str = click.prompt("", prompt_suffix="> ", err=True)
        except click.Abort:
            return QUIT[0]
        answer = given.strip().casefold()
        if answer in ANSWERS or answer in UNDO or answer in QUIT:
            return answer
        say(f"write one of {ASK}")


def _undo(session: Session, waiting: Sequence[Blind], at: int, who: str) -> int:
    if not at:
        say("there is nothing to undo")
        return 0
    before = waiting[at - 1]
    with session.app.database.begin() as db:
        labelling.take_back(db, before.draw_id, before.mention_id, by=who, now=session.now)
    return at - 1


def _give(session: Session, post: Blind, said: Label | None, who: str) -> None:
    try:
        with session.app.database.begin() as db:
            labelling.give(db, post.draw_id, post.mention_id, said, by=who, now=session.now)
    except EarshotError as error:  # somebody labels in Slack meanwhile, an author takes it back
        say(str(error))


def _list(session: Session, names: Sequence[str], *, as_json: bool) -> None:
    for name in names:
        found = _progress(session, name)
        if as_json:
            print_json(found)
        else:
            show(_line(found))


def _progress(session: Session, brand: str) -> Mapping[str, Any]:
    now, config = session.now, session.config
    with session.app.database.read() as db:
        newest = labels.progress(db, brand, since=labelling.first_week(now, config))
        since = now - labelling.COUNTS_FOR
        labelled = labels.persons(db, brand, since=since, until=now)
        usable = labelling.labelled(db, brand, config, until=now)
        model = effective_sentiment.current_model(db)
    sample = error_correction.sample(usable)
    return {
        "brand": brand,
        "week": newest.week.isoformat() if newest.week else None,
        "drawn": newest.drawn,
        "waiting": newest.waiting,
        "labelled": labelled,
        "usable": len(usable),
        "needed": error_correction.MIN_LABELLED,
        "since": iso(since),
        "model": model,
        "error": round(50 * sample.error, 2) if sample else None,
    }


def _line(found: Mapping[str, Any]) -> str:
    if found["error"] is None:
        corrects = f"from {found['needed']} on they correct the numbers"
    else:
        corrects = f"the model's own error: {found['error']:+.1f} points"
    week = (
        f"{found['drawn']} drawn of the week from {found['week']}" if found["week"] else "no draw"
    )
    persons = "person" if found["labelled"] == 1 else "persons"
    return (
        f"{found['brand']}: {week}, {found['waiting']} posts to label · "
        f"{found['labelled']} {persons} labelled in 180 days, {found['usable']} with a score of "
        f"the model in use · {corrects}"
    )


COMMANDS = (label,)

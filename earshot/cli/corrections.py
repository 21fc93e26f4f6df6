"""`correct`: a person says what a mention really feels, and no model overrules that."""

import click

from domain.errors import ConfigError
from domain.incident import LIVE
from domain.sentiment import Label
from earshot.alerting import actions
from earshot.cli.base import ID, Session, me, one_of, say
from earshot.cli.who import by_option


@click.command()
@click.argument("mention_id", type=ID, metavar="ID")
@click.argument("label", type=one_of(Label), metavar="[LABEL]", required=False)
@click.option("--brand", help="Which listing, where the mention is about several brands.")
@by_option
@click.option("--undo", is_flag=True, help="Take the correction back: the model's word counts.")
@click.pass_obj
def correct(
    session: Session,
    mention_id: int,
    label: Label | None,
    *,
    brand: str | None,
    by: str | None,
    undo: bool,
) -> None:
    """Say that a mention is really negative, neutral or positive.

    It counts from then on in lists, rules, scores and the digest, whatever model is used, and the
    message about its incident is brought up to date. An incident that is open stays open, and an
    old mention that turns out to be negative opens none.

    Example: earshot correct 7 positive
    """
    if undo == (label is not None):
        raise click.UsageError("give a LABEL (negative, neutral or positive) or --undo")
    by = me() if by is None else by.strip()
    if not by:
        raise ConfigError("--by is empty: name who says so")
    listed, held = actions.correct(session.app, mention_id, brand, label, by=by, now=session.now)
    if label is None:
        say(f"mention {mention_id} ({listed}): the model's word counts again")
        return
    say(f"mention {mention_id} ({listed}) is {label}, corrected by {by}")
    if label is not Label.NEGATIVE:
        for row in held:
            if row.state in LIVE:
                say(f"incident {row.id} is still {row.state}: earshot alerts dismiss {row.id}")


COMMANDS = (correct,)

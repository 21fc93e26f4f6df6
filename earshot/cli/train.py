"""`train`: the model goes on learning, from your own texts and from what people corrected."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.errors import ConfigError, EarshotError
from domain.sentiment import Label
from earshot.cli.base import FILE, Session, complain_some, say, show
from earshot.core.app import App

if TYPE_CHECKING:
    from sentiment import labelled


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--corrections", is_flag=True, help="Learn from what people corrected, too.")
@click.option("--out", type=FILE, required=True, help="The folder for the new model.")
@click.option(
    "--epochs",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="How many times it goes through your texts.",
)
@click.option(
    "--data", type=FILE, help="Build the bundled model anew from the sets in this folder."
)
@click.option(
    "--quick", is_flag=True, help="Try the way of --data in minutes, without its sets and result."
)
@click.option(
    "--work",
    type=FILE,
    default=Path("training-work"),
    show_default=True,
    help="Where --data keeps its checkpoints; a cut run goes on from there.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same gives the same.")
@click.pass_obj
def train(
    session: Session,
    file: Path | None,
    *,
    corrections: bool,
    out: Path,
    epochs: int,
    data: Path | None,
    quick: bool,
    work: Path,
    seed: int,
) -> None:
    """Go on teaching the bundled model your own labelled texts (at least 20 of each label).

    FILE has the columns of `earshot evaluate`; a row without them is left out, and told: exit 1. A
    fifth is kept aside and measured before and after; a model that is worse on it is not written.
    Needs the `models` extra. Then set [sentiment] model
    to the folder.

    Example: earshot train labelled.tsv --corrections --out my-model
    """
    builds = quick or data is not None
    if builds == (file is not None or corrections) or (quick and data is not None):
        raise click.UsageError(
            "name a labelled FILE, say --corrections, say --data FOLDER, or say --quick"
        )
    try:
        from sentiment import own_texts, training  # noqa: PLC0415  needs torch
    except ImportError as error:
        raise ConfigError(
            "training needs torch and transformers: run pip install '.[models]' here"
        ) from error
    logging.getLogger("sentiment").setLevel(logging.INFO)  # progress
    if builds:
        if not quick:
            say("Takes some hours on two cores; a run that is cut goes on where it was.")
        for made in training.build(data, out, work, seed=seed):
            folder = out / made.name
            show(f"{made.name}, version {made.version}, in {folder}: see {training.RECORD} there")
        return
    rows, left_out = _own_rows(session, file, corrections=corrections)
    say(f"Learning from {len(rows)} texts; a thousand take about a minute an epoch.")
    done = own_texts.train(rows, out, epochs=epochs, seed=seed)
    show(f"learnt       {done.learnt} texts, measured on {done.after.n} others")
    show(f"{'':12} {'before':>8} {'after':>8}")
    for name, before, after in (
        ("accuracy", done.before.accuracy, done.after.accuracy),
        ("macro recall", done.before.macro_recall, done.after.macro_recall),
    ):  # not the calibration: it was fitted on the very same texts
        show(f"{name:12} {before:8.3f} {after:8.3f}")
    show(f'[sentiment] model = "{done.folder}"')
    if left_out:
        raise EarshotError(f"{file}: {left_out}")


def _own_rows(
    session: Session, file: Path | None, *, corrections: bool
) -> "tuple[list[labelled.LabelledText], str]":
    """The texts to learn from, and how many rows of the file are not among them.

    Where both have a text, the correction comes last and counts.
    """
    from sentiment import labelled  # noqa: PLC0415  the model's room is heavy
    from storage.corrections import corrected_texts  # noqa: PLC0415  not without --corrections

    rows: list[labelled.LabelledText] = []
    left_out = ""
    if file is not None:
        read = labelled.read_labelled(file)
        complain_some(read.problems, before=f"{file}: ", others="rows were left out")
        rows += read.rows
        left_out = labelled.refused(read) if read.problems else ""
    if corrections:
        with session.app.database.read() as db:
            corrected = list(corrected_texts(db))
        rows += [_as_scored(session.app, *one) for one in corrected]
    return rows, left_out


def _as_scored(app: App, text: str, brand: str, label: Label) -> "labelled.LabelledText":
    """A correction as the service would score its text: what is learnt is what was corrected."""
    from earshot.brands import matching  # noqa: PLC0415  as above
    from earshot.pipeline import score as scoring  # noqa: PLC0415  as above
    from sentiment import labelled  # noqa: PLC0415  as above

    read = scoring.as_read(app, text, brand)
    named = [read[start:end] for start, end in matching.places(read, brand, app.config.tracked)]
    return labelled.LabelledText(read, label, named[0] if named else "")


COMMANDS = (train,)

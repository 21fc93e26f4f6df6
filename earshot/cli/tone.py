"""`score` and `evaluate`: the model on any texts, and how right it is on labelled ones."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from domain.errors import ConfigError, InputError
from earshot.cli.base import FILE, Session, as_json, complain_some, print_json, say, show

if TYPE_CHECKING:
    from sentiment.classifier import Classifier


def _classifier(session: Session) -> "Classifier":
    """The configured model; in a folder without a config.toml the bundled one.

    To try the model on some texts takes no brand and no database.
    """
    if session.named or session.path.exists():
        return session.app.classifier
    from sentiment.loading import load  # noqa: PLC0415  as below

    return load()


@click.command()
@click.argument("file", type=FILE, default=Path("-"), required=False)
@as_json
@click.pass_obj
def score(session: Session, file: Path, *, as_json: bool) -> None:
    """Score any texts: one per line, or JSONL objects with `text`; the order is kept.

    FILE is - (or left out) for standard input.

    Example: echo "Best support I ever had!" | earshot score -
    """
    from sentiment import scoring  # noqa: PLC0415  the model's room is heavy

    classifier = _classifier(session)
    done = unscored = 0
    with _lines(file) as lines:
        for given, sentiment in scoring.score(classifier, scoring.read_lines(lines)):
            done += 1
            unscored += sentiment.label is None
            if as_json:
                print_json(scoring.as_json(given.text, sentiment))
            else:
                tone = sentiment.label or f"- ({sentiment.reason})"
                show(f"{tone:8}  {sentiment.confidence:.2f}  {' '.join(given.text.split())[:100]}")
    if unscored:
        say(f"{unscored} of {done} texts were not scored; --json says why")


@contextmanager
def _lines(file: Path) -> Iterator[TextIO]:
    """A file, or standard input for "-"; bad bytes become U+FFFD, only a newline ends a line."""
    stdin = str(file) == "-"
    try:
        # Not sys.stdin: that would break lines at \r too, and stop at the first bad byte.
        stream = io.FileIO(0 if stdin else file, closefd=not stdin)
    except OSError as error:
        name = "standard input" if stdin else file
        raise InputError(f"{name} cannot be read: {error.strerror}") from error
    buffered = io.BufferedReader(stream)
    with io.TextIOWrapper(buffered, "utf-8", errors="replace", newline="\n") as lines:
        yield lines


@click.command()
@click.argument("file", type=FILE)
@as_json
@click.pass_obj
def evaluate(session: Session, file: Path, *, as_json: bool) -> None:
    """Measure the model on a labelled file (`text`, `label` columns; TSV, CSV or JSONL).

    Every text is scored whatever its language; what cannot be scored is counted apart.

    Example: earshot evaluate labelled.tsv --json
    """
    from sentiment import evaluation, labelled  # noqa: PLC0415  the model's room is heavy

    read = labelled.read_labelled(file)
    classifier = _classifier(session)
    complain_some(read.problems, before=f"{file}: ", others="rows were left out")
    texts = [row.text for row in read.rows]
    scored = classifier.classify(texts, any_language=True)
    result = evaluation.evaluate([row.label for row in read.rows], scored)
    if as_json:
        print_json(asdict(result) | {"skipped": len(read.problems), "model": classifier.name})
        return
    show(f"model         {classifier.name}")
    left_out = f"{result.unscored} not scored, {len(read.problems)} rows left out"
    show(f"n             {result.n} ({left_out})")
    show(f"accuracy      {result.accuracy:.3f}")
    show(f"macro recall  {result.macro_recall:.3f}")
    show(f"macro F1      {result.macro_f1:.3f}")
    show(f"ECE           {result.ece:.3f}")
    show("confusion     (rows: true, columns: predicted)")
    names = list(result.confusion)
    show(f"  {'':10}{''.join(f'{name:>10}' for name in names)}")
    for true in names:
        show(f"  {true:10}{''.join(f'{result.confusion[true][guess]:>10}' for guess in names)}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, required=True, help="The folder for the new model.")
@click.option(
    "--epochs",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="How many times it goes through the texts.",
)
def train(file: Path, out: Path, epochs: int) -> None:
    """Go on teaching the bundled model your own labelled texts (at least 20 of each label).

    A fifth is kept aside and measured before and after, so you see whether it helped. Needs the
    `models` extra. Then set [sentiment] model to the folder.

    Example: earshot train labelled.tsv --out my-model
    """
    from sentiment import labelled  # noqa: PLC0415  as above

    read = labelled.read_labelled(file)
    complain_some(read.problems, before=f"{file}: ", others="rows were left out")
    try:
        from sentiment import own_texts  # noqa: PLC0415  needs torch
    except ImportError as error:
        raise ConfigError(
            "training needs torch and transformers: run pip install '.[models]' here"
        ) from error
    say(f"Learning from {len(read.rows)} texts; a thousand take about a minute an epoch.")
    done = own_texts.train(read.rows, out, epochs=epochs)
    show(f"learnt       {done.learnt} texts, measured on {done.after.n} others")
    show(f"{'':12} {'before':>8} {'after':>8}")
    for name, before, after in (
        ("accuracy", done.before.accuracy, done.after.accuracy),
        ("macro recall", done.before.macro_recall, done.after.macro_recall),
        ("ECE", done.before.ece, done.after.ece),
    ):
        show(f"{name:12} {before:8.3f} {after:8.3f}")
    show(f'[sentiment] model = "{done.folder}"')


COMMANDS = (score, evaluate, train)

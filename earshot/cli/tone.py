"""`score` and `evaluate`: the model on any texts, and how right it is on labelled ones."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from domain.errors import ConfigError, EarshotError, InputError
from domain.sentiment import Label
from earshot.cli.base import FILE, Session, as_json, complain_some, print_json, say, show
from earshot.wiring import App

if TYPE_CHECKING:
    from sentiment import labelled
    from sentiment.classifier import Classifier
    from sentiment.evaluation import Evaluation


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

    FILE is - (or left out) for standard input. Where an object has a `target`, a name that stands
    in its text, the tone is the one toward that name; --json tells whether it was found (toward).

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
                doubt = "?" if sentiment.unsure else " "
                text = " ".join(given.text.split())[:100]
                show(f"{tone:8}{doubt} {sentiment.confidence:.2f}  {text}")
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
@click.argument("file", type=FILE, required=False)
@click.option(
    "--corrections", is_flag=True, help="Measure the stored scores on what people corrected."
)
@as_json
@click.pass_obj
def evaluate(session: Session, file: Path | None, *, corrections: bool, as_json: bool) -> None:
    """Measure the model on a labelled FILE (`text`, `label` columns; TSV, CSV or JSONL).

    A third column `target` names whom the label is about; where that name does not stand in the
    text, the tone of the whole text is measured. Every text is scored whatever its language; what
    cannot be scored is counted apart.

    Example: earshot evaluate labelled.tsv --json
    """
    if corrections == (file is not None):
        raise click.UsageError("name a labelled FILE or say --corrections")
    if file is None:
        _evaluate_corrections(session, as_json=as_json)
        return
    from sentiment import evaluation, labelled, target  # noqa: PLC0415  the model's room is heavy

    read = labelled.read_labelled(file)
    classifier = _classifier(session)
    complain_some(read.problems, before=f"{file}: ", others="rows were left out")
    texts = [row.text for row in read.rows]
    targets = [target.places(row.text, row.target) for row in read.rows]
    scored = classifier.classify(texts, targets=targets, any_language=True)
    named = sum(bool(row.target) for row in read.rows)
    if named:
        toward = sum(one.toward for one in scored)
        say(f"{named} texts name a target; toward it: {toward}, of the whole text: the others")
    result = evaluation.evaluate([row.label for row in read.rows], scored)
    _tell(result, classifier.name, skipped=len(read.problems), as_json=as_json)


def _evaluate_corrections(session: Session, *, as_json: bool) -> None:
    from sentiment import evaluation  # noqa: PLC0415  as above
    from storage import corrections, tones  # noqa: PLC0415  `score` needs no database

    with session.app.database.read() as db:
        judged = corrections.against_model(db)
        model = tones.current_model(db)
    if not judged:
        raise EarshotError(
            "nobody has corrected a mention that the model has scored: see earshot correct --help"
        )
    labels, said = zip(*judged, strict=True)
    _tell(evaluation.evaluate(labels, said), model, skipped=0, as_json=as_json)
    say(
        "Corrections are no random sample: people correct what looks wrong, so this says where the "
        "model fails, not how often."
    )


def _tell(result: "Evaluation", model: str, *, skipped: int, as_json: bool) -> None:
    if as_json:
        print_json(asdict(result) | {"skipped": skipped, "model": model})
        return
    show(f"model         {model}")
    show(f"n             {result.n} ({result.unscored} not scored, {skipped} rows left out)")
    show(f"unsure        {result.unsure} (no label has half of the probability)")
    accuracy = f"{result.accuracy_low:.3f} to {result.accuracy_high:.3f}"
    recall = f"{result.macro_recall_low:.3f} to {result.macro_recall_high:.3f}"
    show(f"accuracy      {result.accuracy:.3f} (95% interval {accuracy})")
    show(f"macro recall  {result.macro_recall:.3f} (95% interval {recall})")
    show(f"macro F1      {result.macro_f1:.3f}")
    show(f"ECE           {result.ece:.3f}")
    show("confusion     (rows: true, columns: predicted)")
    names = list(result.confusion)
    show(f"  {'':10}{''.join(f'{name:>10}' for name in names)}")
    for true in names:
        show(f"  {true:10}{''.join(f'{result.confusion[true][guess]:>10}' for guess in names)}")


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
    work: Path,
    seed: int,
) -> None:
    """Go on teaching the bundled model your own labelled texts (at least 20 of each label).

    FILE has the columns of `earshot evaluate`. A fifth is kept aside and measured before and after;
    a model that is worse on it is not written. Needs the `models` extra. Then set [sentiment] model
    to the folder.

    Example: earshot train labelled.tsv --corrections --out my-model
    """
    if (data is None) == (file is None and not corrections):
        raise click.UsageError("name a labelled FILE, say --corrections, or say --data FOLDER")
    try:
        from sentiment import own_texts, training  # noqa: PLC0415  needs torch
    except ImportError as error:
        raise ConfigError(
            "training needs torch and transformers: run pip install '.[models]' here"
        ) from error
    logging.getLogger("sentiment").setLevel(logging.INFO)  # progress
    if data is not None:
        say("About 80 minutes on two cores; a run that is cut goes on where it was.")
        made = training.build(data, out, work, seed=seed)
        show(f"{made.name}, version {made.version}, in {out}; how it was made: {training.RECORD}")
        return
    rows = _own_rows(session, file, corrections=corrections)
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


def _own_rows(
    session: Session, file: Path | None, *, corrections: bool
) -> "list[labelled.LabelledText]":
    """The texts to learn from; where both have one, the correction comes last and counts."""
    from sentiment import labelled  # noqa: PLC0415  as above
    from storage.corrections import corrected_texts  # noqa: PLC0415  as above

    rows: list[labelled.LabelledText] = []
    if file is not None:
        read = labelled.read_labelled(file)
        complain_some(read.problems, before=f"{file}: ", others="rows were left out")
        rows += read.rows
    if corrections:
        with session.app.database.read() as db:
            corrected = list(corrected_texts(db))
        rows += [_as_scored(session.app, *one) for one in corrected]
    return rows


def _as_scored(app: App, text: str, brand: str, label: Label) -> "labelled.LabelledText":
    """A correction as the service would score its text: what is learnt is what was corrected."""
    from earshot import jobs, matching  # noqa: PLC0415  as above
    from sentiment import labelled  # noqa: PLC0415  as above

    read = jobs.as_read(app, text, brand)
    named = [read[start:end] for start, end in matching.places(read, brand, app.config.listening)]
    return labelled.LabelledText(read, label, named[0] if named else "")


COMMANDS = (score, evaluate, train)

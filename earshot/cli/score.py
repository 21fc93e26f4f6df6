"""`score` and `evaluate`: the model on any texts, and how right it is on labelled ones."""

import codecs
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from domain.errors import EarshotError, InputError
from domain.listing import HISTORY
from earshot.cli.base import FILE, Session, as_json, complain_some, print_json, say, show
from earshot.pipeline import phrases

if TYPE_CHECKING:
    from earshot.config.tables import PhraseSettings
    from sentiment import scoring
    from sentiment.classifier import Classifier
    from sentiment.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class _Model:
    """What scores here as it does in the service."""

    classifier: "Classifier"
    rules: "Sequence[PhraseSettings]"

    @property
    def name(self) -> str:
        return phrases.model(self.classifier.name, self.rules)

    def reading(self, text: str, target: str) -> str:
        return phrases.read(text, target, self.rules)


def _model(session: Session) -> _Model:
    """The configured model; in a folder without a config.toml the bundled one.

    To try the model on some texts takes no brand and no database.
    """
    from sentiment import language  # noqa: PLC0415  the model's room is heavy

    language.prepare()  # as long as all that follows, so beside it
    if session.named or session.path.exists():
        return _Model(session.app.classifier, session.config.top.sentiment.phrases)
    from sentiment.loading import load  # noqa: PLC0415  as below

    return _Model(load(), ())


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--parked", is_flag=True, help="Try stored mentions again that the model failed over."
)
@as_json
@click.pass_obj
def score(session: Session, file: Path | None, *, parked: bool, as_json: bool) -> None:
    """Score any texts: one per line, JSONL objects with `text`, or the `text` column of a table.

    FILE is - (or left out) for standard input; .csv and .tsv are tables with a header. The order is
    kept. What has no text (a bad line of JSONL, a row that is too short) is refused: exit 1. A text
    without a tone is none of these: --json says the reason. Where an object or a row has a
    `target`, a name that stands in its text, the tone is the one toward that name; --json tells
    whether it was found (toward).
    The [[sentiment.phrases]] of the configuration hold here, too: those for all brands, and those
    of the brand that is the target.

    Example: echo "Best support I ever had!" | earshot score -
    """
    if parked:
        if file is not None or as_json:
            raise click.UsageError("--parked takes no FILE and no --json")
        _try_again(session)
        return
    model, source = _model(session), file or Path("-")
    from sentiment import scoring  # noqa: PLC0415  the model's room is heavy

    done = unscored = refused = 0
    with _lines(source) as lines:
        inputs = _inputs(source, lines)
        for given, sentiment in scoring.score(model.classifier, inputs, reading=model.reading):
            done += 1
            refused += given.problem != ""
            unscored += sentiment.label is None and not given.problem
            if as_json:
                print_json(scoring.as_json(given.text, replace(sentiment, model=model.name)))
            else:
                tone = sentiment.label or f"- ({sentiment.reason})"
                doubt = "?" if sentiment.unsure else " "
                sure = f"{sentiment.confidence:.2f}" if sentiment.label else "    "
                text = " ".join(given.text.split())[:100]
                show(f"{tone:8}{doubt} {sure}  {text}")
    if unscored:
        say(f"{unscored} of {done} texts were not scored; --json says why")
    if refused:
        raise EarshotError(
            f"{refused} of {done} rows were refused: they hold no text; --json says why, mend them"
        )


def _inputs(source: Path, lines: TextIO) -> "Iterator[scoring.InputText]":
    from sentiment import scoring, tables  # noqa: PLC0415  the model's room is heavy

    suffix = source.suffix.lower()
    if suffix in tables.TABLES:
        return scoring.read_table(lines, tabs=suffix == ".tsv", name=str(source))
    return scoring.read_lines(lines, json_lines=True if suffix in (".jsonl", ".ndjson") else None)


def _try_again(session: Session) -> None:
    from storage import failed_scores  # noqa: PLC0415  as above

    with session.app.database.begin() as db:
        count = failed_scores.send_back(db, loud_since=session.now - HISTORY)
    who = "1 mention goes" if count == 1 else f"{count} mentions go"
    say(f"{who} back to be scored: by the service soon, or by earshot run --once")


@contextmanager
def _lines(file: Path) -> Iterator[TextIO]:
    """A file, or standard input for "-"; bad bytes become U+FFFD, only a newline ends a line."""
    stdin = str(file) == "-"
    name = "standard input" if stdin else file
    if stdin and sys.stdin is None:  # its number may be another file's by now
        raise InputError("standard input cannot be read: it is closed")
    try:
        # Not sys.stdin: that would break lines at \r too, and stop at the first bad byte.
        stream = io.FileIO(0 if stdin else file, closefd=not stdin)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from error
    buffered = io.BufferedReader(stream)
    try:
        with io.TextIOWrapper(buffered, "utf-8", errors="replace", newline="\n") as lines:
            if buffered.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                raise InputError(f"{name}: is not UTF-8 text; save it as UTF-8.")
            yield lines
    except BrokenPipeError:
        raise  # whoever reads the results has seen enough
    except OSError as error:  # a failing disk, or a full one
        raise EarshotError(f"{name}: {error.strerror}") from error


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
    cannot be scored is counted apart. Rows without a text or a label are refused: exit 1.
    [[sentiment.phrases]] hold as for earshot score.

    Example: earshot evaluate labelled.tsv --json
    """
    if corrections == (file is not None):
        raise click.UsageError("name a labelled FILE or say --corrections")
    if file is None:
        _evaluate_corrections(session, as_json=as_json)
        return
    from sentiment import evaluation, labelled, target  # noqa: PLC0415  the model's room is heavy

    read = labelled.read_labelled(file)
    model = _model(session)
    complain_some(read.problems, before=f"{file}: ", others="rows were left out")
    texts = [model.reading(row.text, row.target) for row in read.rows]
    names = [row.target for row in read.rows]
    targets = [target.places(text, name) for text, name in zip(texts, names, strict=True)]
    scored = model.classifier.classify(texts, targets=targets, any_language=True)
    named = sum(bool(row.target) for row in read.rows)
    if named:
        toward = sum(one.toward for one in scored)
        say(f"{named} texts name a target; toward it: {toward}, of the whole text: the others")
    result = evaluation.evaluate([row.label for row in read.rows], scored)
    _tell(result, model.name, skipped=len(read.problems), as_json=as_json)
    if read.problems:
        raise EarshotError(f"{file}: {labelled.refused(read)}")


def _evaluate_corrections(session: Session, *, as_json: bool) -> None:
    from sentiment import evaluation  # noqa: PLC0415  as above
    from storage import corrections, effective_sentiment  # noqa: PLC0415  as above

    with session.app.database.read() as db:
        judged = corrections.against_model(db)
        model = effective_sentiment.current_model(db)
    if not judged:
        raise EarshotError(
            "nobody has corrected a mention that the model has scored: see earshot correct --help"
        )
    labels, predicted = zip(*judged, strict=True)
    _tell(evaluation.evaluate(labels, predicted), model, skipped=0, as_json=as_json)
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


COMMANDS = (score, evaluate)

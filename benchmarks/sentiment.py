"""How fast texts are scored, side by side with the ordinary ways, in one run on one machine.

    .venv/bin/python -m benchmarks.sentiment [--texts FILE] [--labelled FILE]

--texts: TSV with a header that names a column `text`, JSON objects with `text`, or plain lines;
without it the bundled sample is scored, over and over. --labelled: texts with a `label`, on which
to see what 8 bits cost. Needs the extra `models`.

    .venv/bin/python -m benchmarks.sentiment --million [1000000]

scores that many texts as a stream instead, and tells how the memory grows.
"""

import argparse
import csv
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from sentiment.classifier import Classifier
from sentiment.labelled import read_labelled
from sentiment.loading import ENGLISH_FOLDER, alone
from sentiment.scoring import InputText, read_lines, score

SAMPLE = Path(__file__).parent.parent / "earshot" / "demo" / "sample" / "mentions.jsonl"
WARM_UP = 64  # texts; the first of each shape is slower
STARTS = 5

Way = Callable[[Sequence[str]], object]
Rates = Mapping[str, float]  # way -> texts per second

EARSHOT = "Earshot, with language detection"
EARSHOT_TOLD = "Earshot, languages given"
EARSHOT_SINGLY = "Earshot, languages given, one text a call"
PIPELINE = "pipeline, same weights, batch {}"
BASE = "pipeline, roberta-base-sized, batch {}"


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times as fast as another way Earshot is to be, language detection included."""

    other: str
    times: float


BARS = (
    Bar(PIPELINE.format(1), 10),
    Bar(PIPELINE.format(32), 4),
    Bar(BASE.format(1), 30),
    Bar(BASE.format(32), 30),
)


def read_texts(path: Path, count: int) -> list[str]:
    """`count` texts of the file, which is begun again as often as needed; empty ones left out."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        if path.suffix == ".tsv":
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            texts = [row["text"] for row in table]
        else:
            texts = [one.text for one in read_lines(lines) if not one.problem]
    return list(islice(cycle(text for text in texts if text.strip()), count))


def own_ways(classifier: Classifier) -> dict[str, Way]:
    """All through the public door."""
    english = classifier.languages[0] if classifier.languages else "en"
    return {
        EARSHOT: classifier.classify,
        EARSHOT_TOLD: lambda texts: classifier.classify(texts, [english] * len(texts)),
        EARSHOT_SINGLY: lambda texts: [classifier.classify([one], [english]) for one in texts],
    }


def measure(ways: Mapping[str, Way], texts: Sequence[str], *, rounds: int) -> Rates:
    """Texts per second of each way: warmed up, in turns, the middle one of the rounds."""
    for way in ways.values():
        way(texts[:WARM_UP])
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way(texts)
            taken[name].append(time.perf_counter() - started)
    return {name: len(texts) / statistics.median(seconds) for name, seconds in taken.items()}


def table(rates: Rates) -> Iterator[str]:
    """Way, texts a second, and how many times the slowest; slowest first."""
    slowest = min(rates.values())
    width = max(map(len, rates))
    for name, rate in sorted(rates.items(), key=lambda pair: pair[1]):
        yield f"{name:{width}}  {rate:8.1f} texts/s  {rate / slowest:6.1f} x"


def verdicts(rates: Rates, bars: Iterable[Bar] = BARS) -> Iterator[str]:
    """One line for each bar."""
    for bar in bars:
        times = rates[EARSHOT] / rates[bar.other]
        met = "met" if times >= bar.times else "MISSED"
        yield f"{met}: {times:.1f} x {bar.other} (bar: {bar.times:g} x)"


def start_seconds() -> float:
    """From the start of `earshot score` with one short text to its end; the middle of some."""
    command = [str(Path(sys.executable).with_name("earshot")), "score", "-"]
    taken = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(command, input=b"I love this phone\n", capture_output=True, check=True)  # noqa: S603  our own command
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def stream(classifier: Classifier, texts: Sequence[str], count: int) -> Iterator[str]:
    """Score `count` texts from a generator; after each tenth, what this process needs at most."""
    inputs = (InputText(f"{text} {i}") for i, text in enumerate(islice(cycle(texts), count)))
    started = time.perf_counter()
    for done, _ in enumerate(score(classifier, inputs), 1):
        if done % max(1, count // 10) == 0:
            rate = done / (time.perf_counter() - started)
            yield f"{done} texts  peak memory {peak_mb():.0f} MB  {rate:.0f} texts/s"


def peak_mb() -> float:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def side_by_side(
    classifier: Classifier, folder: Path, texts: Sequence[str], *, threads: int, rounds: int
) -> Iterator[str]:
    """Every way in turn, what each bar says, and what of the machine is used."""
    from benchmarks import pipelines  # noqa: PLC0415  torch; a stream must be measured without it

    yield f"{len(texts)} texts, {threads} threads, {rounds} rounds"
    ways: dict[str, Way] = {}
    for name, pipeline in (
        (PIPELINE, pipelines.same_weights(folder, threads)),
        (BASE, pipelines.roberta_base(folder, threads)),
    ):
        ways |= {name.format(size): pipelines.in_batches(pipeline, size) for size in (1, 32)}
    rates = measure(ways | own_ways(classifier), texts, rounds=rounds)
    yield from table(rates)
    yield from verdicts(rates)
    peaks = pipelines.matrix_peaks(threads)
    yield "matrix products: " + ", ".join(f"{kind} {peak:.0f}" for kind, peak in peaks.items())
    each = pipelines.operations_per_text(folder, texts) / 1e9
    for name in (EARSHOT, EARSHOT_TOLD):
        share = rates[name] * each / peaks["int8"]
        yield f"{name}: {rates[name] * each:.0f} Gop/s, {share:.0%} of what int8 reaches"


def eight_bits(classifier: Classifier, folder: Path, labelled: Path) -> str:
    """What running in 8 bits costs in quality."""
    from benchmarks import pipelines  # noqa: PLC0415

    rows = read_labelled(labelled).rows
    whole, small = pipelines.recalls(classifier, folder, rows)
    return (
        f"macro recall on {len(rows)} texts: {100 * whole:.2f} in single precision, "
        f"{100 * small:.2f} in 8 bits, {100 * (whole - small):+.2f} lost (bar: 0.3)"
    )


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=Path, default=SAMPLE, metavar="FILE")
    parser.add_argument("--labelled", type=Path, metavar="FILE")
    parser.add_argument("--count", type=int, default=1_000, help="texts to time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="the middle one counts")
    parser.add_argument("--model", type=Path, default=ENGLISH_FOLDER, help="a folder of ours")
    parser.add_argument("--million", type=int, nargs="?", const=1_000_000, metavar="COUNT")
    for line in _lines(parser.parse_args()):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _lines(options: argparse.Namespace) -> Iterator[str]:
    classifier = alone(options.model, threads=options.threads)
    texts = read_texts(options.texts, options.count)
    if options.million:
        yield from stream(classifier, texts, options.million)
        return
    yield f"earshot score, one short text: {start_seconds():.2f} s from start to end (bar: 1 s)"
    yield from side_by_side(
        classifier, options.model, texts, threads=options.threads, rounds=options.rounds
    )
    if options.labelled:
        yield eight_bits(classifier, options.model, options.labelled)


if __name__ == "__main__":
    main()

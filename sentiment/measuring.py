"""Measures a model on every set that was kept out of its training: the figures in its card.

    python -m sentiment.measuring --data FOLDER [--model bundled]

prints a line for each set and question: macro-averaged recall, macro F1, calibration error; toward
a name also what the tone of the whole text would have given; for each other language the share that
the language guard holds back.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.sentiment import Label, Sentiment
from sentiment import corpora
from sentiment.classifier import Classifier
from sentiment.corpora import Example
from sentiment.evaluation import Evaluation, evaluate
from sentiment.heads import ASKS, EMOTION, TONE, TOWARD, Head
from sentiment.loading import BUNDLED, load


def scored(
    classifier: Classifier, rows: Sequence[Example], *, toward: bool = False
) -> list[Sentiment]:
    """Every text, whatever its language."""
    targets = [[row.target] if toward and row.target else [] for row in rows]
    return classifier.classify([row.text for row in rows], targets=targets, any_language=True)


def tones(head: Head, rows: Sequence[Example], found: Sequence[Sentiment]) -> Evaluation:
    return evaluate([Label(head.labels[row.answers[head.name]]) for row in rows], found)


def told(found: Evaluation) -> str:
    return (
        f"n={found.n} macro_recall={found.macro_recall:.3f} "
        f"[{found.macro_recall_low:.3f}, {found.macro_recall_high:.3f}] "
        f"macro_f1={found.macro_f1:.3f} ece={found.ece:.3f} unsure={found.unsure / found.n:.3f}"
    )


def held_back(classifier: Classifier, rows: Sequence[Example]) -> float:
    """The share of the texts that the language guard does not let through."""
    found = classifier.classify([row.text for row in rows])
    return sum(one.reason.startswith("language") for one in found) / len(found)


def lines(classifier: Classifier, data: Path) -> Iterator[str]:
    """The measurements, each as soon as it is there."""
    for corpus in corpora.MEASURED:
        rows = corpora.with_asks(corpora.read(data, corpus))
        found = scored(classifier, rows)
        if all(TONE.name in row.answers for row in rows):
            share = held_back(classifier, rows)
            yield f"{corpus.path} tone {told(tones(TONE, rows, found))} held_back={share:.4f}"
        for head, said in (
            (ASKS, [one.asks for one in found]),
            (EMOTION, [one.emotion for one in found]),
        ):
            once = {row.text: i for i, row in enumerate(rows) if head.name in row.answers}
            known = list(once.values())  # some sets hold one post many times
            if known:
                truth = [head.labels[rows[i].answers[head.name]] for i in known]
                yield f"{corpus.path} {head.name} {by_class(truth, [str(said[i]) for i in known])}"
    for corpus in corpora.TARGETED:
        rows = corpora.read(data, corpus)
        placed = [row for row in rows if row.target]
        yield f"{corpus.path} names={len(rows)} found_in_text={len(placed)}"
        for kind, toward in (("whole text", False), ("toward name", True)):
            found = scored(classifier, placed, toward=toward)
            yield f"{corpus.path} {kind} {told(tones(TOWARD, placed, found))}"
    for code, corpus in corpora.OTHER_LANGUAGES.items():
        rows = corpora.read(data, corpus)
        found_there = tones(TONE, rows, scored(classifier, rows))
        share = held_back(classifier, rows)
        yield f"{code} n={found_there.n} macro_f1={found_there.macro_f1:.3f} held_back={share:.3f}"


def by_class(truth: Sequence[str], predicted: Sequence[str]) -> str:
    """Precision and recall of each class that occurs, and their macro F1."""
    parts: list[str] = []
    scores: list[float] = []
    for label in sorted(set(truth)):
        right = sum(a == b == label for a, b in zip(truth, predicted, strict=True))
        recall = right / truth.count(label)
        precision = right / max(1, predicted.count(label))
        scores.append(2 * precision * recall / max(1e-9, precision + recall))
        parts.append(f"{label}={precision:.2f}/{recall:.2f}")
    return f"n={len(truth)} macro_f1={sum(scores) / len(scores):.3f} {' '.join(parts)}"


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--model", default=BUNDLED)
    options = parser.parse_args()
    for line in lines(load(options.model), options.data):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

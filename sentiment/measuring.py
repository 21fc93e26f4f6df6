"""Measures a model on every set that was kept out of its training: the figures in its card.

    python -m sentiment.measuring --data FOLDER [--model bundled]

prints one line for each set: macro-averaged recall, macro F1, calibration error; for each other
language the share that the language guard holds back; and the speed.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sentiment import corpora
from sentiment.classifier import Classifier
from sentiment.evaluation import Evaluation, evaluate
from sentiment.labelled import LabelledText
from sentiment.loading import BUNDLED, load


def measure(classifier: Classifier, rows: list[LabelledText]) -> Evaluation:
    """Every text is scored, whatever its language."""
    scored = classifier.classify([row.text for row in rows], any_language=True)
    return evaluate([row.label for row in rows], scored)


def held_back(classifier: Classifier, rows: list[LabelledText]) -> float:
    """The share of the texts that the language guard does not let through."""
    scored = classifier.classify([row.text for row in rows])
    return sum(one.reason.startswith("language") for one in scored) / len(scored)


def lines(classifier: Classifier, data: Path) -> Iterator[str]:
    """The measurements, each as soon as it is there."""
    for corpus in corpora.MEASURED:
        rows = corpora.read(data, corpus)
        found = measure(classifier, rows)
        yield (
            f"{corpus.path} n={found.n} macro_recall={found.macro_recall:.3f} "
            f"macro_f1={found.macro_f1:.3f} ece={found.ece:.3f} "
            f"held_back={held_back(classifier, rows):.4f}"
        )
    for code, corpus in corpora.OTHER_LANGUAGES.items():
        rows = corpora.read(data, corpus)
        found = measure(classifier, rows)
        guarded = held_back(classifier, rows)
        yield f"{code} n={found.n} macro_f1={found.macro_f1:.3f} held_back={guarded:.3f}"
    texts = [row.text for row in corpora.read(data, corpora.MEASURED[0])]
    started = time.perf_counter()
    classifier.classify(texts)
    yield f"speed texts_per_s={len(texts) / (time.perf_counter() - started):.0f} texts={len(texts)}"


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

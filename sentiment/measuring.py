"""Measures a model on every set that was kept out of its training: the figures in its card.

    python -m sentiment.measuring --data FOLDER [--model bundled]

prints a line for each set and question: macro-averaged recall, macro F1, calibration error; toward
a name also what the tone of the whole text would have given; for each other language the share
that the language guard holds back; for the project's own posts those that were held out, by
language and by kind.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.sentiment import UNREAD_LANGUAGE, WANT_AN_ANSWER, Label, Sentiment
from sentiment import corpora, gate, own_posts
from sentiment.classifier import Classifier
from sentiment.corpora import Example
from sentiment.evaluation import Evaluation, evaluate
from sentiment.heads import ASKS, EMOTION, TONE, TOWARD, Head
from sentiment.loading import BUNDLED, load
from sentiment.own_posts import Post


def scored(
    classifier: Classifier, rows: Sequence[Example], lang: str = "en", *, toward: bool = False
) -> list[Sentiment]:
    """Every text, whatever its language; lang: as a source would state it."""
    targets = [[row.target] if toward and row.target else [] for row in rows]
    langs = [lang] * len(rows)
    return classifier.classify([row.text for row in rows], langs, targets, any_language=True)


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
    return sum(one.reason.startswith(UNREAD_LANGUAGE) for one in found) / len(found)


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
    others = [
        *(
            (code, corpora.read(data, corpus), corpus)
            for code, corpus in corpora.OTHER_LANGUAGES.items()
        ),
        *((code, corpora.parts(data, one)[1], one) for code, one in corpora.MORE),
    ]
    for code, rows, corpus in others:
        if rows:
            found_there = tones(TONE, rows, scored(classifier, rows, code))
            share = held_back(classifier, rows)
            yield f"{code} {corpus.path} {told(found_there)} held_back={share:.3f}"
    yield from _own_posts(classifier)


def _own_posts(classifier: Classifier) -> Iterator[str]:
    """Of the families that were not learnt: by language, and by kind."""
    _, posts = own_posts.split(own_posts.read())
    for code in sorted({one.language for one in posts}):
        its = [one for one in posts if one.language == code]
        rows = [own_posts.examples(one)[0] for one in its]
        found = scored(classifier, rows, code, toward=True)
        named = [i for i, row in enumerate(rows) if TOWARD.name in row.answers]
        yield f"own posts {code} tone {told(tones(TONE, rows, scored(classifier, rows, code)))}"
        toward = tones(TOWARD, [rows[i] for i in named], [found[i] for i in named])
        yield f"own posts {code} toward name {told(toward)}"
        asks = by_class([one.asks for one in its], [str(one.asks) for one in found])
        yield f"own posts {code} asks {asks}"
        yield f"own posts {code} asks for an answer {_answers(its, found)}"
    for kind, one in gate.kinds(classifier, posts).items():
        yield f"own posts {kind} n={one.posts} right={one.right:.2f} praised={one.praised:.2f}"


def _answers(posts: Sequence[Post], found: Sequence[Sentiment]) -> str:
    """Precision and recall of "asks for an answer" at some probabilities."""
    truth = [one.asks in WANT_AN_ANSWER for one in posts]
    parts = []
    for threshold in (0.4, 0.5, 0.6, 0.7, 0.8):
        said = [(one.wants_answer or 0) >= threshold for one in found]
        both = sum(a and b for a, b in zip(truth, said, strict=True))
        precision, recall = both / max(1, sum(said)), both / max(1, sum(truth))
        parts.append(f"{threshold:.1f}={precision:.2f}/{recall:.2f}")
    return " ".join(parts)


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

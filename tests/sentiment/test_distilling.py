"""Learning what another model believes: alone, and beside what is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sentiment.backend import Answers, Prepared, Tokens
from sentiment.calibration import softmax
from sentiment.corpora import Example
from sentiment.distilling import with_beliefs
from sentiment.fine_tuning import Phase, fine_tune
from sentiment.heads import ASKS, TONE, TOWARD
from sentiment.network import Network, predict
from sentiment.reader import Reader
from sentiment.text import Span

BELIEFS: Mapping[str, Sequence[float]] = {  # of a text with "good" in it
    TONE.name: [0.1, 0.1, 0.8],
    TOWARD.name: [0.2, 0.1, 0.7],
}


class Teacher:
    """Believes `BELIEFS` of "good" texts, and the reverse of all others."""

    name = "teacher@1"
    languages: tuple[str, ...] = ()
    answer_from: float | None = None

    def __init__(self) -> None:
        self.asked: list[Prepared] = []

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        return Prepared(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        self.asked += prepared
        return [Tokens([int("good" in one.text)], truncated=False, known=True) for one in prepared]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        return {
            name: np.array([row if one.ids[0] else row[::-1] for one in batch], np.float32)
            for name, row in BELIEFS.items()
        }


def sure(network: Network, reader: Reader, text: str) -> Sequence[float]:
    """The tones of a text, as the network gives them."""
    logits = predict(network, reader.read([text], [None]))
    return [round(one, 2) for one in softmax(logits[TONE.name], 1.0)[0].tolist()]


def test_what_was_believed_is_kept_and_asked_once(tmp_path: Path) -> None:
    rows = [Example("bad acme", {TONE.name: 0}, (4, 8)), Example("good", {})]
    teacher, kept = Teacher(), tmp_path / "epochs" / "beliefs.safetensors"

    first = with_beliefs(rows, teacher, kept)
    again = with_beliefs(rows, teacher, kept)

    assert again == first == with_beliefs(rows, Teacher())
    assert len(teacher.asked) == len(rows)


def test_each_text_gets_its_own_beliefs_and_toward_only_where_a_name_is() -> None:
    rows = [
        Example("bad acme", {TONE.name: 0}, (4, 8)),
        Example("good", {}),
        Example("good", {ASKS.name: 1}),
    ]
    teacher = Teacher()
    named, plain, again = with_beliefs(rows, teacher)
    assert named.beliefs[TOWARD.name] == pytest.approx([0.7, 0.1, 0.2])
    assert named.beliefs[TONE.name] == pytest.approx([0.8, 0.1, 0.1])
    assert plain.beliefs[TONE.name] == pytest.approx([0.1, 0.1, 0.8])
    assert plain.beliefs.keys() == {TONE.name}
    assert plain.beliefs == again.beliefs
    assert [(one.text, one.answers, one.target) for one in (named, plain, again)] == [
        (one.text, one.answers, one.target) for one in rows
    ]
    assert teacher.asked == [Prepared("bad acme", [(4, 8)]), Prepared("good", [])]


def test_nothing_is_asked_of_nothing() -> None:
    assert with_beliefs([], Teacher()) == []


def test_a_network_comes_to_believe_what_its_teacher_does(network: Network, reader: Reader) -> None:
    texts = [f"the phone is {word}" for word in ("good", "bad")]
    rows = with_beliefs([Example(text, {}) for text in texts], Teacher())
    fine_tune(network, reader, [Phase("believed", rows, 80, 1e-2)], seed=1)
    assert sure(network, reader, texts[0]) == pytest.approx([0.1, 0.1, 0.8], abs=0.06)
    assert sure(network, reader, texts[1]) == pytest.approx([0.8, 0.1, 0.1], abs=0.06)


def test_what_is_known_and_what_is_believed_have_half_a_say_each(
    network: Network, reader: Reader
) -> None:
    neutral = {TONE.name: 1}
    rows = with_beliefs([Example("the phone is good", neutral)], Teacher())
    fine_tune(network, reader, [Phase("both", rows, 80, 1e-2)], seed=1)
    found = sure(network, reader, "the phone is good")
    assert found == pytest.approx([0.05, 0.55, 0.4], abs=0.06)


def test_a_belief_about_a_question_the_network_is_not_asked_teaches_nothing(
    network: Network, reader: Reader
) -> None:
    alone = Network(network.encoder, [ASKS])
    start = alone.weights()
    rows = with_beliefs([Example("the phone is good", {})], Teacher())
    fine_tune(alone, reader, [Phase("believed", rows, 2, 1e-2)], seed=1)
    assert all(np.array_equal(start[name], one) for name, one in alone.weights().items())

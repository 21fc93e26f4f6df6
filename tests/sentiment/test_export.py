"""The exported graph scores as the network it was made from, and can be read back."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from domain.errors import EarshotError
from domain.sentiment import Label
from sentiment import export
from sentiment.backend import LABELS
from sentiment.calibration import softmax
from sentiment.finishing import About, finish, macro_recall, run
from sentiment.labelled import LabelledText
from sentiment.loading import load
from sentiment.network import Network, activation_ranges, from_folder, predict
from sentiment.training import Stage, fine_tune

ROWS = [
    [2, 5, 6, 3],
    [2, 7, 3],
    [2, 8, 9, 10, 11, 12, 3],
    [2, 3],
    *([2, i, i, 3] for i in range(5, 15)),
]


def test_in_single_precision_it_equals_torch(network: Network) -> None:
    graph = export.build(network.weights(), network.shape, temperature=1.7)
    expected = softmax(predict(network, ROWS), 1.7)
    assert np.abs(run(graph, ROWS) - expected).max() < 1e-5


def test_in_8_bits_it_stays_close_and_is_the_same_in_any_batch(network: Network) -> None:
    ranges = activation_ranges(network, ROWS)
    graph = export.build(network.weights(), network.shape, temperature=1.0, ranges=ranges)
    together = run(graph, ROWS)
    assert np.abs(together - softmax(predict(network, ROWS))).max() < 0.05
    for i, row in enumerate(ROWS):
        assert np.abs(run(graph, [row])[0] - together[i]).max() < 1e-5


def test_weights_and_ranges_come_back(network: Network) -> None:
    weights = network.weights()
    ranges = activation_ranges(network, ROWS)
    graph = export.build(weights, network.shape, temperature=1.0, ranges=ranges)
    restored = export.restore(graph, list(weights))
    assert restored.keys() == weights.keys()
    for name, values in restored.items():
        if "position" not in name and "token_type" not in name:  # one was added to the other
            assert np.abs(values - weights[name]).max() <= np.abs(weights[name]).max() / 100, name
    found = export.ranges_of(graph)
    assert found.keys() == ranges.keys()
    for name, (low, high) in found.items():
        step = (high - low) / 255
        assert low == pytest.approx(min(ranges[name][0], 0), abs=step)
        assert high == pytest.approx(max(ranges[name][1], 0), abs=step)


def test_quantised_weights_are_seven_bits_per_column() -> None:
    matrix = np.array([[1, 0, -4], [-0.25, 0, 1]], dtype=np.float32)
    small, scale = export.quantise(matrix, axis=0)
    assert small.tolist() == [[63, 0, -63], [-16, 0, 16]]
    assert scale.tolist() == pytest.approx([1 / 63, 1 / 63, 4 / 63])


def test_rounding_by_chance_keeps_what_was_learnt_since() -> None:
    once = np.full((2_000, 1), 0.5, dtype=np.float32)
    once[0] = 1
    small, scale = export.quantise(once, 0)
    learnt = small * scale + np.float32(0.1 * scale)  # a tenth of a step
    nearest, _ = export.quantise(learnt, 0)
    assert np.array_equal(nearest, small)
    by_chance, new_scale = export.quantise(learnt, 0, np.random.default_rng(1))
    assert (by_chance * new_scale).mean() == pytest.approx(learnt.mean(), rel=0.001)


def test_a_finished_folder_scores_as_the_network(own_folder: Path) -> None:
    classifier = load(str(own_folder))
    (one,) = classifier.classify(["the phone is good"])
    ids = [2, *(5 + WORDS.index(word) for word in ("the", "phone", "is", "good")), 3]
    expected = softmax(predict(from_folder(own_folder), [ids]))[0]
    assert classifier.name.startswith("tiny@")
    assert [one.negative, one.neutral, one.positive] == pytest.approx(expected.tolist(), abs=0.03)


WORDS = ["good", "great", "love", "bad", "awful", "hate", "it", "the", "is", "was", "phone"]


def test_a_model_that_8_bits_would_change_is_not_written(
    tmp_path: Path, network: Network, tokenizer: Tokenizer, labelled: Sequence[LabelledText]
) -> None:
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    fine_tune(network, tokenizer, [Stage("words", labelled, 12, 1e-2)], seed=1)
    ranges = dict.fromkeys(activation_ranges(network, ROWS), (-1e6, 1e6))  # steps far too wide
    about = About("wild", "0", ("en",), temperature=1.0)
    with pytest.raises(EarshotError, match="The model was not written: 8 bits shift"):
        finish(network, tmp_path, labelled, tmp_path / "out", about, ranges=ranges)
    assert not (tmp_path / "out").exists()


def test_macro_recall_by_hand() -> None:
    rows = np.eye(3)[[0, 0, 1, 2]]
    assert macro_recall(rows, np.array([0, 1, 1, 2])) == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert LABELS == (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)

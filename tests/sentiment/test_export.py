"""The exported graph scores as the network it was made from, and can be read back."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from domain.sentiment import Label
from sentiment import export
from sentiment.backend import LABELS, Tokens
from sentiment.calibration import softmax
from sentiment.corpora import Example
from sentiment.fine_tuning import Phase, fine_tune
from sentiment.finishing import About, finish, macro_recall, run
from sentiment.heads import HEADS, TONE, TOWARD
from sentiment.loading import load
from sentiment.network import Network, activation_ranges, from_folder, predict
from sentiment.reader import Reader

Matrix = NDArray[np.float32]


def tokens(*ids: int, target: Sequence[int] = ()) -> Tokens:
    return Tokens(ids, truncated=False, known=True, target=target)


LONG = (2, 8, 9, 10, 11, 12, 3)
ROWS = [
    tokens(2, 5, 6, 3),
    tokens(2, 7, 3),
    tokens(*LONG),
    tokens(*LONG, target=(0, 1, 0, 0, 0, 0, 0)),
    tokens(*LONG, target=(0, 0, 0, 1, 1, 0, 0)),
    tokens(2, 3),
    *(tokens(2, i, i, 3) for i in range(5, 15)),
]
SURE = {head.name: 1.0 for head in HEADS}


def test_in_single_precision_every_head_equals_torch(network: Network) -> None:
    temperatures = {head.name: 0.7 + i / 5 for i, head in enumerate(HEADS)}
    graph = export.build(network.weights(), network.shape, temperatures=temperatures)
    found, logits = run(graph, ROWS), predict(network, ROWS)
    assert found.keys() == logits.keys() == temperatures.keys()
    for name, temperature in temperatures.items():
        assert np.abs(found[name] - softmax(logits[name], temperature)).max() < 1e-5, name


def test_only_what_is_asked_of_a_name_depends_on_it(network: Network) -> None:
    found = run(export.build(network.weights(), network.shape, temperatures=SURE), ROWS[2:5])
    for name, (whole, first, later) in found.items():
        apart = min(np.abs(first - whole).max(), np.abs(later - first).max())
        assert (apart > 1e-3) if name == TOWARD.name else (apart < 1e-6), name


def test_a_graph_answers_only_what_it_has_a_temperature_for(network: Network) -> None:
    graph = export.build(network.weights(), network.shape, temperatures={TONE.name: 1.0})
    assert run(graph, ROWS).keys() == {TONE.name}


@pytest.mark.parametrize("by_token", [False, True])
def test_in_8_bits_it_stays_close_and_is_the_same_in_any_batch(
    network: Network, *, by_token: bool
) -> None:
    ranges = activation_ranges(network, ROWS)
    graph = export.build(
        network.weights(),
        network.shape,
        temperatures=SURE,
        ranges=ranges,
        by_token=by_token,
    )
    together, logits = run(graph, ROWS), predict(network, ROWS)
    alone = [run(graph, [row]) for row in ROWS]
    for name, rows in together.items():
        assert np.abs(rows - softmax(logits[name])).max() < 0.05, name
        for row, one in zip(rows, alone, strict=True):
            assert np.abs(one[name][0] - row).max() < 1e-5, name


def wrong(values: Matrix, matrix: Matrix, smoothing: float) -> float:
    """The mean square error of a product whose both sides are rounded as the graph rounds them."""
    seen = export.Range(values.min(axis=0), values.max(axis=0))
    factors = seen.factors(matrix, smoothing) if smoothing else np.ones(len(matrix), np.float32)
    step = ((seen.high / factors).max() - (seen.low / factors).min()) / 255
    small, scale = export.quantise(matrix * factors[:, None], 0)
    rounded = np.rint(values / factors / step) * step
    return float(((rounded @ (small * scale) - values @ matrix) ** 2).mean())


def test_smoothing_keeps_the_others_where_one_channel_is_far_wider() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(500, 64)).astype(np.float32)
    matrix = rng.normal(size=(64, 32)).astype(np.float32)
    values[:, 3] *= 40
    matrix[3] /= 40
    assert wrong(values, matrix, export.SMOOTHING) < wrong(values, matrix, 0) / 4


def test_by_token_is_closer_where_some_tokens_are_far_wider(network: Network) -> None:
    weights = network.weights()
    weights["encoder.encoder.layer.0.intermediate.dense.weight"][5] *= 1_000
    network.set_weights(weights)
    ranges = activation_ranges(network, ROWS)
    whole = run(export.build(weights, network.shape, temperatures=SURE), ROWS)
    apart = []
    for by_token in (False, True):
        graph = export.build(
            weights, network.shape, temperatures=SURE, ranges=ranges, by_token=by_token
        )
        small = run(graph, ROWS)
        apart.append(float(np.mean([np.abs(small[one] - whole[one]).mean() for one in whole])))
    assert apart[1] < apart[0]


@pytest.mark.parametrize("by_token", [False, True])
def test_weights_and_ranges_come_back(network: Network, *, by_token: bool) -> None:
    weights = network.weights()
    ranges = activation_ranges(network, ROWS)
    graph = export.build(
        weights, network.shape, temperatures=SURE, ranges=ranges, by_token=by_token
    )
    restored = export.restore(graph, list(weights))
    assert restored.keys() == weights.keys()
    for name, values in restored.items():
        if "position" not in name and "token_type" not in name:  # one was added to the other
            most = np.abs(weights[name]).max() / 20  # smoothed rows share steps
            assert np.abs(values - weights[name]).max() <= most, name
    found = export.ranges_of(graph)
    assert found.keys() == ranges.keys()
    for name, seen in found.items():
        assert seen.low == pytest.approx(ranges[name].low, rel=1e-3, abs=1e-3)
        assert seen.high == pytest.approx(ranges[name].high, rel=1e-3, abs=1e-3)


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


def ids_of(text: str) -> list[int]:
    return [2, *(5 + WORDS.index(word) for word in text.split()), 3]


WORDS = ["good", "great", "love", "bad", "awful", "hate", "it", "the", "is", "was", "phone"]


def test_a_finished_folder_scores_as_the_network(own_folder: Path) -> None:
    classifier = load(str(own_folder))
    text = "the phone is good"
    whole, named = classifier.classify([text, text], targets=[[], [(4, 9)]])
    ids = ids_of(text)
    rows = predict(from_folder(own_folder), [tokens(*ids), tokens(*ids, target=(0, 0, 1, 0, 0, 0))])
    assert classifier.name.startswith("tiny@")
    tone, toward = softmax(rows[TONE.name]), softmax(rows[TOWARD.name])
    for one, expected in ((whole, tone[0]), (named, 0.2 * tone[1] + 0.8 * toward[1])):
        found = [one.negative, one.neutral, one.positive]
        assert found == pytest.approx(expected.tolist(), abs=0.03)
    assert (whole.toward, named.toward) == (False, True)


def test_a_folder_keeps_what_is_of_use_and_not_what_only_taught(own_folder: Path) -> None:
    assert from_folder(own_folder).answered == HEADS


@pytest.fixture
def wild(tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]) -> Path:
    """The finished folder of a network whose numbers have no place in 8 bits."""
    fine_tune(network, reader, [Phase("words", examples, 12, 1e-2)], seed=1)
    far_too_wide = export.Range(np.full(1, -1e6, np.float32), np.full(1, 1e6, np.float32))
    ranges = dict.fromkeys(activation_ranges(network, ROWS), far_too_wide)
    about = About("wild", "0", ("en",))
    finish(network, reader, examples, tmp_path / "out", about, ranges=ranges)
    return tmp_path / "out"


def test_a_model_that_8_bits_would_change_is_kept_as_it_is_and_told(
    wild: Path, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    text = "the phone is good"
    (one,) = load(str(wild)).classify([text])
    expected = softmax(predict(network, [tokens(*ids_of(text))])[TONE.name])[0]
    assert [one.negative, one.neutral, one.positive] == pytest.approx(expected.tolist(), abs=1e-4)
    [told] = [one for one in caplog.get_records("setup") if one.levelname == "WARNING"]
    assert told.getMessage().startswith("kept in single precision reason=8 bits shift")


def test_what_was_kept_as_it_is_can_learn_on(wild: Path, network: Network) -> None:
    weights, found = network.weights(), from_folder(wild).weights()
    for name, values in found.items():
        if "position" not in name and "token_type" not in name:  # one was added to the other
            assert np.array_equal(values, weights[name]), name
    assert export.ranges_of(onnx.load(str(wild / "model.onnx"))) == {}


def test_macro_recall_by_hand() -> None:
    rows = np.eye(3)[[0, 0, 1, 2]]
    assert macro_recall(rows, np.array([0, 1, 1, 2])) == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert LABELS == (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)

"""The benchmark runs, and counts right; how fast anything is, it is not asked here."""

from pathlib import Path

import pytest

from benchmarks import pipelines, sentiment
from domain.sentiment import Label
from sentiment.labelled import LabelledText
from sentiment.loading import ENGLISH_FOLDER, load

TEXTS = ["I love this phone", "Worst service ever", "The store opens at nine."]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.tsv", 'label\ttext\n1\tone "two\n0\tthree\n', id="table"),
        pytest.param("a.jsonl", '{"text": "one \\"two"}\n{"text": "three"}\n', id="JSON"),
        pytest.param("a.txt", 'one "two\n\nthree\n', id="lines"),
    ],
)
def test_texts_of_any_file_are_repeated_until_there_are_enough(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    texts = sentiment.read_texts(tmp_path / name, 5)
    assert texts == ['one "two', "three", 'one "two', "three", 'one "two']


def test_the_bundled_sample_will_do() -> None:
    assert len(sentiment.read_texts(sentiment.SAMPLE, 40)) == 40


def test_each_way_is_measured() -> None:
    ways = sentiment.own_ways(load(threads=1))
    ways["pipeline"] = pipelines.in_batches(pipelines.same_weights(ENGLISH_FOLDER, 1), 2)
    small = {"num_hidden_layers": 1, "hidden_size": 12, "intermediate_size": 8}
    ways["base"] = pipelines.in_batches(pipelines.roberta_base(ENGLISH_FOLDER, 1, **small), 1)
    rates = sentiment.measure(ways, TEXTS, rounds=1)
    assert rates.keys() == ways.keys()
    assert all(rate > 0 for rate in rates.values())


def test_the_table_begins_with_the_slowest() -> None:
    lines = list(sentiment.table({"fast": 300.0, "slow": 100.0}))
    assert [line.split() for line in lines] == [
        ["slow", "100.0", "texts/s", "1.0", "x"],
        ["fast", "300.0", "texts/s", "3.0", "x"],
    ]


def test_a_bar_is_met_or_missed() -> None:
    rates = {sentiment.EARSHOT: 50.0, "one": 5.0, "other": 25.0}
    bars = [sentiment.Bar("one", 10), sentiment.Bar("other", 2.5)]
    assert list(sentiment.verdicts(rates, bars)) == [
        "met: 10.0 x one (bar: 10 x)",
        "MISSED: 2.0 x other (bar: 2.5 x)",
    ]


def test_a_stream_tells_its_memory_after_each_tenth() -> None:
    lines = list(sentiment.stream(load(threads=1), TEXTS, 20))
    assert [line.split()[0] for line in lines] == [str(done) for done in range(2, 21, 2)]
    assert all("peak memory" in line for line in lines)


def test_the_operations_of_a_text_by_hand() -> None:
    tokens = 4  # [CLS], two words, [SEP]
    layer = tokens * (4 * 384**2 + 2 * 384 * 1_536) + 2 * tokens**2 * 384
    assert pipelines.operations_per_text(ENGLISH_FOLDER, ["good phone"]) == 2 * 6 * layer


def test_what_8_bits_cost_is_a_difference_of_two_recalls() -> None:
    rows = [LabelledText("I love it", Label.POSITIVE), LabelledText("I hate it", Label.NEGATIVE)]
    classifier = load(threads=1)
    assert pipelines.recalls(classifier, ENGLISH_FOLDER, rows) == (1, 1)
    turned = [LabelledText("I love it", Label.NEGATIVE), rows[1]]
    assert pipelines.recalls(classifier, ENGLISH_FOLDER, turned) == (0.5, 0.5)


def test_the_peaks_of_three_kinds_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "SIDE", 32)
    peaks = pipelines.matrix_peaks(1)
    assert peaks.keys() == {"fp32", "bf16", "int8"}
    assert all(peak > 0 for peak in peaks.values())

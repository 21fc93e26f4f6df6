"""Stages: what has ended is not run again, and what decides it makes it run anew."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sentiment.backend import Backend
from sentiment.corpora import Example
from sentiment.fine_tuning import Phase
from sentiment.heads import TONE
from sentiment.network import Network
from sentiment.onnx_backend import OnnxBackend
from sentiment.reader import Reader
from sentiment.school import School, Stage, Weights
from tests.sentiment.test_distilling import Teacher


def school(work: Path, decisive: str = "texts", *, quick: bool = False) -> School:
    return School(work, {}, decisive, quick=quick)


def stage(examples: Sequence[Example], seed: int = 3, teacher: Backend | None = None) -> Stage:
    return Stage("words", (Phase("words", examples, 2, 1e-2),), seed, teacher)


def same(first: Weights, second: Weights) -> bool:
    return all(np.array_equal(first[name], second[name]) for name in first.keys() | second.keys())


@pytest.fixture
def taught(
    tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]
) -> tuple[Weights, Weights]:
    """The weights before, and those that a first run left."""
    start = network.weights()
    left = school(tmp_path).teach(network, reader, stage(examples))
    assert same({**network.weights(), **left}, network.weights())
    network.set_weights(start)
    return start, left


def test_a_stage_that_has_ended_is_read_and_gives_the_same_weights(
    tmp_path: Path,
    *,
    network: Network,
    reader: Reader,
    examples: Sequence[Example],
    taught: tuple[Weights, Weights],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sentiment.school.fine_tune", None)  # it would fail
    again = school(tmp_path)
    assert same(again.teach(network, reader, stage(examples)), taught[1])
    (record,) = again.records
    assert (record["stage"], record["seed"]) == ("words", 3)
    assert record["phases"] == [["words", len(examples), 2, 1e-2]]
    assert [one["epoch"] for one in record["curve"]] == ["words-1", "words-2"]


@pytest.mark.parametrize("change", ["seed", "texts", "network", "teacher"])
def test_whatever_decides_it_makes_it_run_anew(
    tmp_path: Path,
    *,
    network: Network,
    reader: Reader,
    examples: Sequence[Example],
    taught: tuple[Weights, Weights],
    own_folder: Path,
    change: str,
) -> None:
    start, left = taught
    if change == "network":
        bias = f"heads.{TONE.name}.bias"
        network.set_weights({**start, bias: start[bias] + 1})
    again = school(tmp_path, "others" if change == "texts" else "texts")
    teacher = OnnxBackend(own_folder) if change == "teacher" else None
    found = again.teach(network, reader, stage(examples, 4 if change == "seed" else 3, teacher))
    told = json.loads((tmp_path / "words" / "stage.json").read_text(encoding="utf-8"))
    assert told == again.records[0]
    assert same(found, left) is (change == "texts")


def test_a_stage_leaves_little_and_no_checkpoints(
    tmp_path: Path,
    network: Network,
    reader: Reader,
    examples: Sequence[Example],
) -> None:
    network.encoder.embeddings.word_embeddings.requires_grad_(requires_grad=False)
    left = school(tmp_path).teach(network, reader, stage(examples))
    assert not any("word_embeddings" in name for name in left)
    assert {one.name for one in (tmp_path / "words").iterdir()} == {
        "weights.safetensors",
        "stage.json",
    }
    halves = sum(2 * values.size for values in left.values())
    assert (tmp_path / "words" / "weights.safetensors").stat().st_size < halves + 9_000


def test_a_stage_that_was_cut_asks_its_teacher_no_second_time(
    tmp_path: Path,
    *,
    network: Network,
    reader: Reader,
    examples: Sequence[Example],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher = Teacher()
    with monkeypatch.context() as cut:
        cut.setattr("sentiment.school.fine_tune", None)  # it fails
        with pytest.raises(TypeError):
            school(tmp_path).teach(network, reader, stage(examples, teacher=teacher))
    asked = len(teacher.asked)

    school(tmp_path).teach(network, reader, stage(examples, teacher=teacher))

    assert len(teacher.asked) == asked > 0
    assert not (tmp_path / "words" / "epochs").exists()


def test_quick_goes_the_same_way_with_few_texts(
    tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]
) -> None:
    many = list(examples) * 20
    quick = school(tmp_path, quick=True)
    quick.teach(network, reader, stage(many))
    (record,) = quick.records
    [[_, texts, epochs, _]] = record["phases"]
    assert texts < len(many) / 5
    assert epochs == 1

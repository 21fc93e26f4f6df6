"""Learning: on a network of one layer, in a world where one word decides."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from domain.errors import InputError
from domain.sentiment import Label
from sentiment.backend import LABELS
from sentiment.finishing import macro_recall
from sentiment.labelled import LabelledText
from sentiment.loading import load
from sentiment.network import Network, encode, predict, shuffled_batches
from sentiment.own_texts import split, train
from sentiment.training import Stage, fine_tune


def recall(network: Network, tokenizer: Tokenizer, rows: Sequence[LabelledText]) -> float:
    truth = np.array([LABELS.index(row.label) for row in rows])
    return macro_recall(predict(network, encode(tokenizer, [row.text for row in rows])), truth)


def test_it_learns_what_the_rows_say(
    network: Network, tokenizer: Tokenizer, labelled: Sequence[LabelledText]
) -> None:
    epochs: list[str] = []
    stage = Stage("words", labelled, epochs=12, learning_rate=1e-2)
    fine_tune(network, tokenizer, [stage], seed=1, after_epoch=epochs.append)
    assert recall(network, tokenizer, labelled) > 0.9
    assert epochs[0] == "words-1"
    assert len(epochs) == 12


def test_the_same_seed_gives_the_same_weights(
    network: Network, tokenizer: Tokenizer, labelled: Sequence[LabelledText]
) -> None:
    start = network.weights()
    stages = [Stage("words", labelled, epochs=1, learning_rate=1e-3)]
    fine_tune(network, tokenizer, stages, seed=4)
    first = network.weights()
    network.set_weights(start)
    fine_tune(network, tokenizer, stages, seed=4)
    again = network.weights()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any(not np.array_equal(first[name], start[name]) for name in first)


def test_batches_hold_every_text_once() -> None:
    rows = [[0] * (1 + i % 9) for i in range(1_000)]
    batches = list(shuffled_batches(rows, random.Random(2)))  # noqa: S311
    assert sorted(i for batch in batches for i in batch) == list(range(1_000))


def test_own_texts_are_learnt_and_measured_apart(
    tmp_path: Path, own_folder: Path, labelled: Sequence[LabelledText]
) -> None:
    torch.manual_seed(1)
    trained = train(labelled, tmp_path / "mine", start=own_folder, epochs=2)
    distinct = {row.text for row in labelled}
    assert trained.learnt + trained.after.n == len(distinct)
    assert trained.before.n == trained.after.n
    classifier = load(str(trained.folder))
    assert classifier.name.startswith("mine@")
    assert classifier.languages == ("en",)
    assert classifier.classify(["the phone is good"])[0].label is not None


def test_too_few_texts_of_a_label_are_refused(labelled: Sequence[LabelledText]) -> None:
    few = [row for row in labelled if row.label is not Label.NEUTRAL][:60]
    with pytest.raises(InputError, match="Training needs 20 different"):
        split(few)


def test_a_split_is_the_same_every_time_and_shares_no_text(
    labelled: Sequence[LabelledText],
) -> None:
    learnt, aside = split(labelled)
    again = split(list(reversed(labelled)))
    assert {row.text for row in aside} == {row.text for row in again[1]}
    assert not {row.text for row in learnt} & {row.text for row in aside}
    assert {row.label for row in aside} == set(Label)

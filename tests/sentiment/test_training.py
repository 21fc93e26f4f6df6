"""Learning: on a network of one layer, in a world where one word decides."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from domain.errors import EarshotError, InputError
from domain.sentiment import Label
from sentiment import folder as model_folder
from sentiment import own_texts
from sentiment.corpora import Example
from sentiment.fine_tuning import SHARES, Learning, Phase, fine_tune
from sentiment.finishing import About, finish, known, macro_recall
from sentiment.heads import ASKS, HEADS, SARCASM, TONE, TOWARD, Head
from sentiment.labelled import LabelledText
from sentiment.loading import MULTILINGUAL_FOLDER, load
from sentiment.network import Network, predict, shuffled_batches
from sentiment.own_texts import split, train
from sentiment.reader import Reader

Weights = Mapping[str, NDArray[np.float32]]


def recall(network: Network, reader: Reader, rows: Sequence[Example], head: Head = TONE) -> float:
    encoded = reader.read([one.text for one in rows], [one.target for one in rows])
    return macro_recall(predict(network, encoded)[head.name], known(head.name, rows)[1])


def same(first: Weights, second: Weights) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


def test_it_learns_what_the_rows_say(
    tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]
) -> None:
    phase = Phase("words", examples, epochs=12, learning_rate=1e-2)
    learning = Learning(tmp_path, "a plan")
    fine_tune(network, reader, [phase], seed=1, learning=learning)
    assert recall(network, reader, examples) > 0.9
    assert [one["epoch"] for one in learning.curve] == [f"words-{i}" for i in range(1, 13)]
    assert learning.curve[-1]["loss"] < learning.curve[0]["loss"]


def test_the_same_seed_gives_the_same_weights(
    network: Network, reader: Reader, examples: Sequence[Example]
) -> None:
    start = network.weights()
    phases = [Phase("words", examples, epochs=1, learning_rate=1e-3)]
    fine_tune(network, reader, phases, seed=4)
    first = network.weights()
    network.set_weights(start)
    fine_tune(network, reader, phases, seed=4)
    assert same(first, network.weights())
    assert not same(first, start)


def test_every_question_has_its_share_of_the_loss() -> None:
    assert SHARES.keys() == {head.name for head in HEADS}


def test_batches_hold_every_text_once() -> None:
    lengths = [1 + i % 9 for i in range(1_000)]
    batches = list(shuffled_batches(lengths, random.Random(2)))  # noqa: S311
    assert sorted(i for batch in batches for i in batch) == list(range(1_000))


# --- toward a name -----------------------------------------------------------------------------

FEELINGS = {
    Label.POSITIVE: ("good", "great", "love"),
    Label.NEGATIVE: ("bad", "awful", "hate"),
    Label.NEUTRAL: ("nine", "on", "at"),
}


def toward() -> Iterator[Example]:
    """Texts of two names of unlike tone, each asked about both: a word of the name decides."""
    for first, second in permutations(FEELINGS, 2):
        for words in product(FEELINGS[first], FEELINGS[second]):
            text = "the {} acme was the {} acme".format(*words)
            for label, word in zip((first, second), words, strict=True):
                at = text.index(f"{word} acme")
                answers = {TOWARD.name: TOWARD.labels.index(label)}
                yield Example(text, answers, (at, at + len(word) + 5))


def test_it_learns_to_tell_names_in_one_text_apart(network: Network, reader: Reader) -> None:
    rows = list(toward())
    fine_tune(network, reader, [Phase("names", rows, 10, 1e-2)], seed=1)
    assert recall(network, reader, rows, TOWARD) > 0.9
    whole = [replace(one, target=None) for one in rows]
    assert recall(network, reader, whole, TOWARD) <= 0.5


# --- questions without an answer ---------------------------------------------------------------


def test_a_question_that_nothing_answers_does_no_harm(
    network: Network, reader: Reader, examples: Sequence[Example]
) -> None:
    start = network.weights()
    fine_tune(network, reader, [Phase("words", examples, 1, 1e-2)], seed=1)
    learnt = network.weights()
    assert all(np.isfinite(values).all() for values in learnt.values())
    for name in ("toward", "asks", "sarcasm"):
        assert np.array_equal(learnt[f"heads.{name}.weight"], start[f"heads.{name}.weight"])


def test_an_answer_to_a_question_the_network_is_not_asked_teaches_nothing(
    network: Network, reader: Reader
) -> None:
    alone = Network(network.encoder, [TONE])
    start = alone.weights()
    rows = [Example("the phone is good", {ASKS.name: 1})] * 3
    fine_tune(alone, reader, [Phase("asked", rows, 2, 1e-2)], seed=1)
    assert same(alone.weights(), start)


# --- cut and resumed ---------------------------------------------------------------------------


class CutError(Exception):
    """Somebody pulled the plug."""


@pytest.mark.parametrize(
    "epochs", [pytest.param(1, id="between phases"), pytest.param(2, id="inside a phase")]
)
def test_a_run_that_is_cut_goes_on_to_the_same_weights(
    tmp_path: Path,
    network: Network,
    reader: Reader,
    examples: Sequence[Example],
    epochs: int,
) -> None:
    asked = replace(examples[0], answers={**examples[0].answers, SARCASM.name: 1})  # in one batch
    phases = [
        Phase("first", examples, 1, 1e-2),
        Phase("second", [asked, *examples[1:]], 2, 1e-2),
    ]
    start = network.weights()
    uncut = Learning(tmp_path / "uncut", "a plan")
    fine_tune(network, reader, phases, seed=4, learning=uncut)
    expected = network.weights()

    cut = Learning(tmp_path / "cut", "a plan")

    def pull_the_plug(_: Network) -> Mapping[str, float]:
        if len(cut.curve) == epochs:
            raise CutError
        return {}

    network.set_weights(start)
    with pytest.raises(CutError):
        fine_tune(network, reader, phases, seed=4, learning=cut, measure=pull_the_plug)
    network.set_weights(start)
    resumed = Learning(tmp_path / "cut", "a plan")
    fine_tune(network, reader, phases, seed=4, learning=resumed)

    assert same(network.weights(), expected)
    told = [(one["epoch"], one["loss"]) for one in resumed.curve]
    assert told == [(one["epoch"], one["loss"]) for one in uncut.curve]


@pytest.mark.parametrize(
    ("plan", "learnt"),
    [
        pytest.param("a plan", [], id="the same: all is done"),
        pytest.param("another plan", ["words-1", "words-2"], id="another"),
    ],
)
def test_another_plan_starts_anew(
    tmp_path: Path, network: Network, reader: Reader, plan: str, learnt: list[str]
) -> None:
    phase = Phase("words", [Example("the phone is good", {TONE.name: 2})] * 3, 2, 1e-2)
    start = network.weights()
    fine_tune(network, reader, [phase], seed=4, learning=Learning(tmp_path, "a plan"))
    expected = network.weights()

    network.set_weights(start)
    again = Learning(tmp_path, plan)
    seen: list[str] = []

    def note(_: Network) -> Mapping[str, float]:
        seen.append(f"words-{len(again.curve) + 1}")
        return {}

    fine_tune(network, reader, [phase], seed=4, learning=again, measure=note)
    assert seen == learnt
    assert again.done == {"words-1", "words-2"}
    assert same(network.weights(), expected)


# --- own texts ---------------------------------------------------------------------------------


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
    assert set(classifier.languages) == set(model_folder.described(MULTILINGUAL_FOLDER).languages)
    assert classifier.classify(["the phone is good"])[0].label is not None


def test_what_a_model_says_of_asking_counts_from_the_same_threshold_as_before(
    tmp_path: Path, own_folder: Path, labelled: Sequence[LabelledText]
) -> None:
    described = model_folder.described(own_folder)
    model_folder.write_description(own_folder, described.model_copy(update={"answer_from": 0.37}))
    torch.manual_seed(1)
    trained = train(labelled, tmp_path / "mine", start=own_folder, epochs=1)
    assert model_folder.described(trained.folder).answer_from == 0.37


@pytest.fixture
def knowing(tmp_path: Path, network: Network, reader: Reader, examples: Sequence[Example]) -> Path:
    """A model that is right about every text."""
    fine_tune(network, reader, [Phase("words", examples, 12, 1e-2)], seed=1)
    finish(network, reader, examples, tmp_path / "knowing", About("knowing", "1", ("en",)))
    return tmp_path / "knowing"


def test_a_model_that_got_worse_is_not_written_and_leaves_nothing_behind(
    tmp_path: Path,
    knowing: Path,
    labelled: Sequence[LabelledText],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own_texts, "LEARNING_RATE", 0.3)  # all it knew is swept away
    before = sorted(tmp_path.iterdir())
    with pytest.raises(EarshotError, match=r"its macro recall fell from 1\.000 to"):
        train(labelled, tmp_path / "mine", start=knowing, epochs=1)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("The kettle is broken again, no {}", "english"),
        ("Der Kessel ist schon wieder kaputt, Nummer {}", "multilingual"),
    ],
)
def test_learning_starts_from_the_model_that_reads_most_of_the_texts(
    text: str, folder: str
) -> None:
    rows = [LabelledText(text.format(number), Label.NEGATIVE) for number in range(5)]
    assert own_texts._reads(rows).name == folder  # noqa: SLF001 -- to learn takes seconds


def test_a_folder_that_is_there_is_left_alone(
    tmp_path: Path, labelled: Sequence[LabelledText]
) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match=r"mine: is there already; name a new folder\."):
        train(labelled, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


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


def test_a_text_with_several_targets_stands_on_one_side_with_all_of_them() -> None:
    labels = tuple(Label)
    rows = [
        LabelledText(f"acme bolt number {i}", labels[(i + shift) % 3], name)
        for i in range(90)
        for shift, name in enumerate(("acme", "bolt"))
    ]
    learnt, aside = split(rows)
    assert len(learnt) + len(aside) == len(rows)
    assert not {row.text for row in learnt} & {row.text for row in aside}
    assert len({row.text for row in aside}) == len(aside) / 2

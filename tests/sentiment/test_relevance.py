"""What a name means in a text, learnt from a few examples, with the bundled encoder."""

import numpy as np
import pytest

from sentiment.relevance import HIDE_BELOW, Encoder, learn
from sentiment.target import places

OPERATOR = (
    "Orange has raised my monthly bill again",
    "No signal from Orange in the village since Tuesday",
    "My Orange SIM stopped working the day I landed",
    "The technician from Orange never showed up",
)
FRUIT = (
    "I peeled an orange for breakfast",
    "Fresh orange juice beats coffee any day",
    "Squeeze half an orange over the salad",
    "The sky was bright orange at sunset",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


def vectors(encoder: Encoder, *texts: str) -> np.ndarray:
    return encoder.vectors(texts, [places(text, "Orange") for text in texts])


def test_a_few_examples_tell_the_operator_from_the_fruit(encoder: Encoder) -> None:
    examples = learn(vectors(encoder, *OPERATOR), vectors(encoder, *FRUIT))
    assert examples is not None

    calls, cake = examples.leanings(
        vectors(encoder, "Orange dropped my call three times", "orange cake with almonds")
    )

    assert calls > 0
    assert cake < HIDE_BELOW


def test_the_examples_themselves_lean_their_own_way(encoder: Encoder) -> None:
    relevant, irrelevant = vectors(encoder, *OPERATOR), vectors(encoder, *FRUIT)
    examples = learn(relevant, irrelevant)
    assert examples is not None
    assert min(examples.leanings(relevant)) > 0 > max(examples.leanings(irrelevant))


@pytest.mark.parametrize(("operator", "fruit"), [(3, 4), (4, 3), (0, 4), (0, 0)])
def test_too_few_examples_teach_nothing(encoder: Encoder, operator: int, fruit: int) -> None:
    assert learn(vectors(encoder, *OPERATOR[:operator]), vectors(encoder, *FRUIT[:fruit])) is None


def test_equal_examples_of_both_kinds_decide_nothing(encoder: Encoder) -> None:
    same = vectors(encoder, *FRUIT)
    examples = learn(same, same)
    assert examples is not None
    assert np.abs(examples.leanings(vectors(encoder, *OPERATOR))).max() < 1e-6


def test_a_vector_does_not_depend_on_the_texts_beside_it(encoder: Encoder) -> None:
    together = vectors(encoder, *OPERATOR, *FRUIT)
    for text, among in zip((*OPERATOR, *FRUIT), together, strict=True):
        assert np.abs(vectors(encoder, text)[0] - among).max() < 1e-4


def test_the_name_counts_where_it_stands_in_a_long_text(encoder: Encoder) -> None:
    """Beyond what the model reads, were it read from the beginning."""
    long = f"{'Nothing to see here, go on to the next page. ' * 200}{FRUIT[0]}"
    examples = learn(vectors(encoder, *OPERATOR), vectors(encoder, *FRUIT))
    assert examples is not None

    [leaning] = examples.leanings(vectors(encoder, long))

    assert leaning < HIDE_BELOW

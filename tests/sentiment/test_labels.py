"""What the names of classes tell, and the line that is shown where they do not."""

import tomllib
from collections.abc import Sequence

import pytest

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment.labels import meanings

NEGATIVE, NEUTRAL, POSITIVE = Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE


def refused(names: Sequence[str], given: dict[str, Label] | None = None) -> str:
    with pytest.raises(ConfigError, match="model theirs: its labels are") as caught:
        meanings("theirs", names, given or {})
    assert ", ".join(names) in str(caught.value)
    return str(caught.value)


def offered(names: Sequence[str]) -> dict[str, str]:
    """The meanings in the line that is ready to be pasted."""
    labels: dict[str, str] = tomllib.loads(refused(names).partition("for example: ")[2])["labels"]
    return labels


def test_our_own_names_need_no_line() -> None:
    assert meanings("theirs", ["POS", " Negative", "neu"], {}) == [POSITIVE, NEGATIVE, NEUTRAL]


def test_classes_without_names_are_offered_in_order() -> None:
    names = ["LABEL_0", "LABEL_1", "LABEL_2"]
    assert 'labels = { LABEL_0 = "negative", LABEL_1 = "neutral", LABEL_2 = "positive" }' in (
        refused(names)
    )


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        pytest.param(
            ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
            ["negative", "negative", "neutral", "positive", "positive"],
            id="stars",
        ),
        pytest.param(
            ["0", "1", "2", "3"], ["negative", "neutral", "neutral", "positive"], id="four"
        ),
        pytest.param(
            ["very positive", "positive", "neutral", "negative", "VERY_NEGATIVE"],
            ["positive", "positive", "neutral", "negative", "negative"],
            id="words",
        ),
        pytest.param(["joy", "anger", "neutral"], ["?", "?", "neutral"], id="emotions"),
        pytest.param(['a "1"', "ü\n2", "3"], ["negative", "neutral", "positive"], id="hostile"),
    ],
)
def test_other_classes_are_offered_with_a_guess(names: list[str], meant: list[str]) -> None:
    assert offered(names) == dict(zip(names, meant, strict=True))


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["NEGATIVE", "POSITIVE"], id="two classes"),
        pytest.param(["LABEL_0"], id="a number"),
        pytest.param(["negative", "negative", "positive"], id="one twice"),
    ],
)
def test_a_model_that_knows_no_neutral_is_refused_with_the_reason(names: list[str]) -> None:
    assert "most posts are neutral" in refused(names)


def test_several_classes_may_mean_the_same() -> None:
    given = {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "4": POSITIVE}
    assert meanings("theirs", ["4", "3", "2", "1"], given) == [
        POSITIVE,
        NEUTRAL,
        NEGATIVE,
        NEGATIVE,
    ]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"1": NEGATIVE, "2": NEUTRAL}, id="one is missing"),
        pytest.param({"1": NEGATIVE, "2": NEUTRAL, "3": POSITIVE, "4": POSITIVE}, id="one more"),
        pytest.param({"1": NEGATIVE, "2": NEGATIVE, "3": POSITIVE}, id="nothing is neutral"),
    ],
)
def test_meanings_that_do_not_fit_are_refused(given: dict[str, Label]) -> None:
    assert "at least once" in refused(["1", "2", "3"], given)

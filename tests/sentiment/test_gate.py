"""A kind of post that is read worse than before stops a build, and chance does not."""

import pytest

from domain.sentiment import Asks, Emotion, Label
from sentiment import gate
from sentiment.classifier import Classifier
from sentiment.gate import Kind
from sentiment.own_posts import Post
from tests.sentiment.test_classifier import Single


def kind(right: float, praised: float = 0.0, posts: int = 100) -> dict[str, Kind]:
    return {"sarcasm": Kind(posts, right, praised)}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(kind(0.8), kind(0.9), [], id="better"),
        pytest.param(kind(0.8), kind(0.75), [], id="worse by chance"),
        pytest.param(
            kind(0.8), kind(0.7), ["sarcasm: 70% right of 100 posts, 80% before"], id="worse"
        ),
        pytest.param(
            kind(0.8, 0.05),
            kind(0.8, 0.2),
            ["sarcasm: 80% not praised of 100 posts, 95% before"],
            id="more failures called positive",
        ),
        pytest.param(kind(0.8), kind(0.1, posts=10), [], id="too few to tell"),
        pytest.param({}, kind(0.1), [], id="a new kind"),
    ],
)
def test_a_kind_that_falls_is_told(
    before: dict[str, Kind], after: dict[str, Kind], told: list[str]
) -> None:
    assert gate.fallen(before, after) == told


def post(number: int, kind: str, tone: Label, language: str = "en") -> Post:
    toward = {"acme": tone}
    text = f"acme {number}"
    return Post(text, kind, language, tone, toward, Asks.NOTHING, Emotion.NONE, text)


def test_kinds_are_counted_in_the_languages_that_are_read() -> None:
    posts = [
        post(1, "sarcasm", Label.NEGATIVE),
        post(2, "sarcasm", Label.POSITIVE),
        post(3, "praise", Label.POSITIVE),
        post(4, "praise", Label.POSITIVE, language="de"),
    ]
    found = gate.kinds(Classifier(Single(Label.POSITIVE, "en")), posts)
    assert found == {"praise": Kind(1, 1.0, 0.0), "sarcasm": Kind(2, 0.5, 1.0)}


def test_one_post_of_many_does_not_make_a_kind_that_was_right_in_all_fall() -> None:
    before, after = Kind(96, 1.0, 0.0), Kind(96, 95 / 96, 1 / 96)
    assert gate.fallen({"polite_ticket": before}, {"polite_ticket": after}) == []
    assert gate.fallen({"polite_ticket": before}, {"polite_ticket": Kind(96, 80 / 96, 0.0)})


def test_kinds_that_are_too_few_to_judge_are_named() -> None:
    found = {"job_ad": Kind(14, 0.1, 0.0), "sarcasm": Kind(15, 0.1, 0.0)}
    assert gate.too_few(found) == ["job_ad (14)"]

"""What ships: whole, small, described, and of the size it says."""

import pytest

from domain.sentiment import Label
from sentiment import folder
from sentiment.classifier import Classifier
from sentiment.heads import SHIPPED
from sentiment.loading import ENGLISH_FOLDER
from sentiment.target import places


def test_the_files_are_the_ones_that_were_described() -> None:
    description = folder.read(ENGLISH_FOLDER)
    assert description.sha256.keys() == {"model.onnx", "tokenizer.json"}
    assert list(description.heads) == [head.name for head in SHIPPED]
    assert description.languages == ("en",)


def test_it_stays_small_enough_for_a_repository() -> None:
    assert sum(path.stat().st_size for path in ENGLISH_FOLDER.iterdir()) < 30_000_000


def test_the_card_names_the_model_and_its_terms() -> None:
    card = (ENGLISH_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    description = folder.read(ENGLISH_FOLDER)
    assert description.sha256["model.onnx"][:12] in card
    for words in ("all-MiniLM-L6-v2", "Apache-2.0", "CC BY 3.0", "earshot train --data"):
        assert words in card


CONTRASTS = [
    ("Acme is awful, Globex is great", "Acme", Label.NEGATIVE),
    ("Acme is awful, Globex is great", "Globex", Label.POSITIVE),
    ("I love my Acme phone but Globex broke again", "Acme", Label.POSITIVE),
    (
        "The coffee at Acme is lovely but the Globex app crashes all the time",
        "Acme",
        Label.POSITIVE,
    ),
    (
        "The coffee at Acme is lovely but the Globex app crashes all the time",
        "Globex",
        Label.NEGATIVE,
    ),
]


@pytest.mark.parametrize(("text", "name", "label"), CONTRASTS)
def test_one_text_has_a_tone_toward_each_name(
    classifier: Classifier, text: str, name: str, label: Label
) -> None:
    (found,) = classifier.classify([text], targets=[places(text, name)])
    assert (found.label, found.toward) == (label, True)


def test_only_a_handle_and_a_link_is_no_text_even_when_it_is_the_brand(
    classifier: Classifier,
) -> None:
    text = "@acme https://t.example/x"
    (found,) = classifier.classify([text], targets=[places(text, "Acme")])
    assert found.reason == "empty text: only handles and links"

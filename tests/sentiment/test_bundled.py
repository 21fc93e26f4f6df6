"""What ships: whole, small, described, and of the size it says."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.sentiment import Label
from sentiment import folder
from sentiment.classifier import Classifier
from sentiment.heads import SHIPPED
from sentiment.loading import BUNDLED_FOLDER, ENGLISH_FOLDER, MULTILINGUAL_FOLDER
from sentiment.recipes import RECIPES
from sentiment.target import places

FOLDERS = [ENGLISH_FOLDER, MULTILINGUAL_FOLDER]


@pytest.mark.parametrize("model", FOLDERS, ids=lambda path: path.name)
def test_the_files_are_the_ones_that_were_described(model: Path) -> None:
    description = folder.read(model)
    assert description.sha256.keys() == {"model.onnx", "tokenizer.json"}
    assert list(description.heads) == [head.name for head in SHIPPED]
    assert description.languages == RECIPES[model.name].languages


def test_they_stay_small_enough_for_a_repository() -> None:
    files = [path for path in BUNDLED_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 75_000_000


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        (ENGLISH_FOLDER, ("all-MiniLM-L6-v2", "Apache-2.0", "CC BY 3.0")),
        (MULTILINGUAL_FOLDER, ("multilingual-e5-small", "MIT", "CC BY 4.0", "UMSAB")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_card_names_the_model_and_its_terms(model: Path, terms: Sequence[str]) -> None:
    card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
    description = folder.read(model)
    assert description.sha256["model.onnx"][:12] in card
    for words in (*terms, "earshot train --data"):
        assert words in card


def test_the_encoder_s_notice_goes_with_its_weights() -> None:
    notice = (MULTILINGUAL_FOLDER / "NOTICE").read_text(encoding="utf-8")
    assert "intfloat/multilingual-e5-small" in notice
    assert "Permission is hereby granted" in notice


PLAIN = [
    ("es", "La peor cosa", Label.NEGATIVE),
    ("es", "Acme me ha resuelto el problema en diez minutos, encantada", Label.POSITIVE),
    ("es", "Acme abre su segunda tienda en Sevilla el 4 de diciembre", Label.NEUTRAL),
    ("de", "Acme hat mir zum dritten Mal das falsche Teil geschickt, unfassbar", Label.NEGATIVE),
    ("de", "Der Service von Acme ist wirklich super, vielen Dank", Label.POSITIVE),
    ("de", "Liefert Acme auch nach Norwegen?", Label.NEUTRAL),
    ("fr", "Acme ne répond pas depuis trois semaines, c'est honteux", Label.NEGATIVE),
    ("fr", "Franchement bravo Acme, colis reçu en un jour", Label.POSITIVE),
    ("it", "Acme mi ha addebitato due volte lo stesso ordine, vergogna", Label.NEGATIVE),
    ("it", "Acme è fantastica, la consiglio a tutti", Label.POSITIVE),
    ("pt", "A Acme cancelou meu pedido e não devolveu o dinheiro, péssimo", Label.NEGATIVE),
    ("pt", "Adorei o atendimento da Acme, parabéns", Label.POSITIVE),
    ("ar", "خدمة Acme سيئة جدا ولم يصل طلبي حتى الآن", Label.NEGATIVE),
    ("ar", "شكرا Acme على الخدمة الرائعة", Label.POSITIVE),
]


@pytest.mark.parametrize(("lang", "text", "label"), PLAIN)
def test_plain_posts_are_read_in_each_language(
    classifier: Classifier, lang: str, text: str, label: Label
) -> None:
    stated, heard = classifier.classify([text, text], [lang, None])
    assert stated.label is label
    assert heard.label is label


CONTRASTS = [
    ("Acme is awful, Globex is great", "Acme", Label.NEGATIVE),
    ("Acme is awful, Globex is great", "Globex", Label.POSITIVE),
    ("I hate the Globex queue but the Acme staff were lovely", "Acme", Label.POSITIVE),
    ("The food was great but the service at Acme was slow", "Acme", Label.NEGATIVE),
    ("I love my Acme phone but Globex broke again", "Globex", Label.NEGATIVE),
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

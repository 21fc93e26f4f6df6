"""When a language is named, and when it is sure enough to hold a text back."""

import pytest

from sentiment import language
from sentiment.language import Detector, Heard, given


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("PT_br", "pt"),
        ("in", "id"),
        ("iw", "he"),
        ("und", None),
        ("qme", None),
        ("zxx", None),
        ("", None),
        (None, None),
        ("42", None),
    ],
)
def test_a_source_tag_becomes_a_code(tag: str | None, expected: str | None) -> None:
    assert given(tag) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("Me encanta este producto, es lo mejor que he comprado", "es", id="Spanish"),
        pytest.param("Der Akku ist nach zwei Wochen schon wieder kaputt", "de", id="German"),
        pytest.param("C'est vraiment le pire service client de ma vie", "fr", id="French"),
        pytest.param("これは最悪だ、もう買わない", "ja", id="Japanese"),
        pytest.param("Это ужасно", "ru", id="Russian, short"),
        pytest.param("هذا المنتج رائع جدا", "ar", id="Arabic"),
    ],
)
def test_a_plainly_foreign_text_is_foreign(detector: Detector, text: str, code: str) -> None:
    assert detector.hear(text, ("en",)).foreign == code
    assert detector.hear(text, ("en", code)).foreign == ""


@pytest.mark.parametrize(
    "text",
    [
        "LMAO, AMAZING!",
        "wow",
        "ok thx",
        "Yay another good phone interview.",
        "@user lol nooo #MasterChefBR https://t.co/x",
        "Gotta protect em! :)",
        "Kim Hyung Jun - Football Team",
        "x" * 3_000,
        "12345",
        "",
        "😂😂",
    ],
)
def test_short_and_odd_english_is_not_foreign(detector: Detector, text: str) -> None:
    assert detector.hear(text, ("en",)).foreign == ""


def test_nothing_is_named_without_letters(detector: Detector) -> None:
    assert detector.hear("!!! 123 https://x.y @ana", ("en",)) == Heard(None, wordless=True)


def test_a_process_has_one_detector() -> None:
    assert language.detector() is language.detector()


BUNDLED = ("en", "ar", "de", "es", "fr", "it", "pt", "nl", "pl", "tr")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("Tack så mycket", "sv", id="Swedish, short"),
        pytest.param("Kiitos paljon", "fi", id="Finnish, short"),
        pytest.param("Moltes gràcies", "ca", id="Catalan, short"),
        pytest.param(
            "El meu paquet porta tres setmanes de retard i ningú respon", "ca", id="like Spanish"
        ),
        pytest.param("O meu paquete non chegou", "gl", id="Galician, like Portuguese"),
        pytest.param("Mulțumesc mult", "ro", id="Romanian"),
        pytest.param("Köszönöm szépen", "hu", id="Hungarian"),
        pytest.param("مرسی از شما", "fa", id="Persian, in Arabic letters"),
        pytest.param("yeh app bahut kharab hai yaar", "hi", id="Hindi in Latin letters"),
        pytest.param("Mera refund abhi tak nahi aaya", "hi", id="Hindi, half English"),
    ],
)
def test_a_language_that_is_not_read_is_foreign_however_short_the_text(
    detector: Detector, text: str, code: str
) -> None:
    assert detector.hear(text, BUNDLED) == Heard(code, code)


@pytest.mark.parametrize(
    "text",
    [
        "La peor cosa",
        "Muy mal",
        "The worst",
        "LMAO, AMAZING!",
        "Trop bien",
        "Che schifo",
        "Péssimo",
        "Slecht",
        "Çok kötü",
        "Bardzo dobry",
        "Merci beaucoup",
        "سيء جدا",
        "شكرا جزيلا",
        "واش هاد الخدمة ديالكم خايبة بزاف",
        "Ha ha hi, the main par",
    ],
)
def test_a_short_text_in_a_language_that_is_read_is_not_foreign(
    detector: Detector, text: str
) -> None:
    assert detector.hear(text, BUNDLED).foreign == ""


def test_what_is_not_held_back_is_never_named_a_language_that_is_not_read(
    detector: Detector,
) -> None:
    words = ("Tusind tak", "Hvala lijepa", "asante sana", "Grazas", "Tack", "Takk", "Goed spul")
    for text in words:
        heard = detector.hear(text, BUNDLED)
        assert heard.foreign or heard.code is None or heard.code in BUNDLED

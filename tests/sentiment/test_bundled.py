"""What ships: whole, small, described, and of the size it says."""

from sentiment import folder
from sentiment.loading import BUNDLED_FOLDER


def test_the_files_are_the_ones_that_were_described() -> None:
    description = folder.read(BUNDLED_FOLDER)
    assert description.sha256.keys() == {"model.onnx", "tokenizer.json"}
    assert description.languages == ("en",)


def test_it_stays_small_enough_for_a_repository() -> None:
    assert sum(path.stat().st_size for path in BUNDLED_FOLDER.iterdir()) < 30_000_000


def test_the_card_names_the_model_and_its_terms() -> None:
    card = (BUNDLED_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    description = folder.read(BUNDLED_FOLDER)
    assert description.sha256["model.onnx"][:12] in card
    for words in ("all-MiniLM-L6-v2", "Apache-2.0", "CC BY 3.0", "python -m sentiment.training"):
        assert words in card

import pytest

from domain.brand import Brand, OwnAccount
from domain.mention import Author

ACME = Brand("Acme", "acme", (OwnAccount("x", "Acme_Help"), OwnAccount("", "4711")))


@pytest.mark.parametrize(
    ("source", "names", "addressed"),
    [
        pytest.param("x", ["ana", "acme_help"], True, id="one of them, whatever the case"),
        pytest.param("reddit", ["4711"], True, id="an account of any network"),
        pytest.param("reddit", ["acme_help"], False, id="another network"),
        pytest.param("x", ["acme_helper"], False, id="a longer handle"),
        pytest.param("x", [], False, id="nobody"),
    ],
)
def test_is_addressed(source: str, names: list[str], *, addressed: bool) -> None:
    assert ACME.is_addressed(source, names) is addressed


@pytest.mark.parametrize(
    ("source", "author", "own"),
    [
        pytest.param("x", Author("1", "acme_help"), True, id="by handle, whatever the case"),
        pytest.param("x", Author("4711", "renamed"), True, id="by id"),
        pytest.param("reddit", Author("4711", ""), True, id="an account of any network"),
        pytest.param("reddit", Author("1", "acme_help"), False, id="another network"),
        pytest.param("x", Author("1", "acme_help_"), False, id="a longer handle"),
        pytest.param("x", Author("1", "ana", name="Acme_Help"), False, id="a display name"),
        pytest.param("x", None, False, id="a deleted author"),
    ],
)
def test_owns(source: str, author: Author | None, own: bool) -> None:  # noqa: FBT001
    assert ACME.owns(source, author) is own

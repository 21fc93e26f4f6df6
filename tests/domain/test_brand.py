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
        pytest.param("x", ["@acme_help"], True, id="with @"),
        pytest.param("x", ["4711"], True, id="an id"),
        pytest.param("x", ["@4711"], False, id="a handle that looks like the id"),
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


@pytest.mark.parametrize(
    ("own", "author", "expected"),
    [
        pytest.param(OwnAccount("x", "90001"), Author("90001", "acme"), True, id="an id"),
        pytest.param(OwnAccount("x", "90001"), Author("7", "90001"), False, id="taken as a handle"),
        pytest.param(
            OwnAccount("x", "90001"), Author("90001", "90001"), False, id="a handle and no id"
        ),
        pytest.param(
            OwnAccount("x", "90001", "id"), Author("90001", ""), True, id="said to be one"
        ),
        pytest.param(
            OwnAccount("x", "90001", "handle"), Author("7", "90001"), True, id="a handle of digits"
        ),
        pytest.param(
            OwnAccount("x", "90001", "handle"), Author("90001", "ana"), False, id="not an id then"
        ),
        pytest.param(OwnAccount("", "90001"), Author("7", "90001"), False, id="of any network"),
        pytest.param(OwnAccount("x", "kettle"), Author("7", "KETTLE"), True, id="small and large"),
        pytest.param(
            OwnAccount("x", "kettle"), Author("7", "\u212aettle"), False, id="Kelvin sign"
        ),
        pytest.param(OwnAccount("x", "class"), Author("7", "cla\u017fs"), False, id="long s"),
        pytest.param(OwnAccount("x", "ace"), Author("7", "\u0430ce"), False, id="Cyrillic"),
        pytest.param(OwnAccount("x", "acme"), Author("7", "\uff41cme"), False, id="full width"),
        pytest.param(OwnAccount("x", "strasse"), Author("7", "stra\u00dfe"), False, id="sharp s"),
    ],
)
def test_nobody_becomes_an_own_account_by_a_name_of_their_choice(
    own: OwnAccount, author: Author, *, expected: bool
) -> None:
    assert own.is_author("x", author) is expected


@pytest.mark.parametrize(
    ("source", "account"),
    [
        pytest.param("reddit", "t2_acme1", id="reddit"),
        pytest.param("github", "1234", id="github"),
        pytest.param("instagram", "17841400000000001", id="instagram"),
        pytest.param("youtube", "UCacmeKettles00000000000", id="youtube"),
        pytest.param("discourse", "12@forum.example", id="discourse"),
        pytest.param("mastodon", "https://a.example/users/acme", id="mastodon"),
    ],
)
def test_an_id_is_no_handle_on_any_network(source: str, account: str) -> None:
    own = OwnAccount(source, account)
    assert own.is_author(source, Author(account, "acme"))
    assert not own.is_author(source, Author("7", account))


def test_where_ids_are_no_other_than_handles_both_are_compared() -> None:
    own = OwnAccount("trustpilot", "0123456789ABCDEF01234567")
    answers = "0123456789abcdef01234567"
    assert own.is_author("trustpilot", Author(answers, answers))


def test_a_handle_of_digits_is_addressed_by_it_alone() -> None:
    own = OwnAccount("x", "1000", "handle")
    assert own.is_addressed("x", ["7", "@1000"])
    assert not own.is_addressed("x", ["1000", "@ana"])

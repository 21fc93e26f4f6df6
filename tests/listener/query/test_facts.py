from datetime import UTC, datetime

import pytest

from domain.mention import Author, Mention
from listener.query import Facts, facts_of
from listener.query.facts import read_value

AT = datetime(2026, 11, 20, tzinfo=UTC)


def mention(text: str = "", **more: object) -> Mention:
    return Mention("x", "1", text, AT, **more)  # type: ignore[arg-type]


def test_what_is_known_of_a_mention() -> None:
    author = Author("T2_7", "Ana", followers=12)
    found = facts_of(
        mention(
            "see https://Shop.Acme.com/x?y and www.apex.com.",
            url="https://x.com/1",
            lang="en",
            author=author,
        )
    )
    assert found == Facts(
        source="x",
        handle="ana",
        author_id="t2_7",
        lang="en",
        kind="post",
        sites=frozenset({"x.com", "shop.acme.com", "www.apex.com"}),
        has_link=True,
        followers=12,
    )


def test_a_look_alike_is_another_author() -> None:
    assert facts_of(mention(author=Author("1", "\u212aim"))).handle == "\u212aim"
    assert read_value("author", "@\u212aIM") == "\u212aim"


def test_what_is_not_known_stays_unknown() -> None:
    assert facts_of(mention("no link")) == Facts(source="x", kind="post")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param({"parent_id": "0"}, "reply", id="reply"),
        pytest.param({"parent_id": "0", "is_repost": True}, "repost", id="repost"),
        pytest.param({"rating": 0.0}, "review", id="review"),
        pytest.param({"rating": 5.0, "parent_id": "app"}, "review", id="review of something"),
    ],
)
def test_the_kind_of_a_post(more: dict[str, object], kind: str) -> None:
    assert facts_of(mention(**more)).kind == kind  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("http://acme.com@evil.com/", {"evil.com"}, id="a name in front"),
        pytest.param("https://acme.com:8080.", {"acme.com"}, id="port"),
        pytest.param("(https://acme.com)", {"acme.com"}, id="brackets"),
        pytest.param("https://[::1", set(), id="no address"),
        pytest.param("https://", set(), id="nothing"),
        pytest.param("acme.com", set(), id="without http no link"),
    ],
)
def test_the_sites_a_text_links_to(text: str, sites: set[str]) -> None:
    assert facts_of(mention(text)).sites == sites


def test_an_own_address_is_no_link_in_the_text() -> None:
    assert not facts_of(mention("acme", url="https://acme.com/1")).has_link

"""The project's own posts: whole, varied, and never on both sides of a split."""

from collections import Counter
from pathlib import Path

import pytest

from domain.errors import InputError
from domain.sentiment import Asks, Emotion, Label
from sentiment import own_posts
from sentiment.heads import ASKS, EMOTION, TONE, TOWARD
from sentiment.own_posts import COLUMNS, KINDS, Post
from sentiment.text import overlap_key


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return own_posts.read()


def test_there_are_enough_of_each_kind_in_each_language(posts: list[Post]) -> None:
    assert len(posts) >= 6_000
    by_language = Counter(post.language for post in posts)
    assert set(by_language) == {"ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "tr"}
    in_both = Counter((post.language, post.kind) for post in posts)
    assert set(in_both) == {(language, kind) for language in by_language for kind in KINDS}


def test_no_post_is_there_twice(posts: list[Post]) -> None:
    keys = Counter(overlap_key(post.text) for post in posts)
    assert [key for key, times in keys.items() if times > 1 and len(key) > 12] == []


def test_a_family_is_on_one_side_of_the_split(posts: list[Post]) -> None:
    learnt, held_out = own_posts.split(posts)
    assert not {post.family for post in learnt} & {post.family for post in held_out}
    assert len(learnt) + len(held_out) == len(posts)
    assert 0.1 < len(held_out) / len(posts) < 0.2


def row(**more: str) -> str:
    values = {
        "family": "en-1",
        "kind": "praise",
        "language": "en",
        "tone": "positive",
        "toward": "Acme=positive|Bolt=negative",
        "asks": "praise",
        "emotion": "joy",
        "text": "Acme beats Bolt",
    } | more
    return "\t".join(values[name] for name in COLUMNS)


def in_file(folder: Path, *rows: str) -> Path:
    (folder / "en.tsv").write_text("\n".join(("\t".join(COLUMNS), *rows)), encoding="utf-8")
    return folder


def test_a_row_is_read_and_teaches_each_name(tmp_path: Path) -> None:
    (post,) = own_posts.read(in_file(tmp_path, row()))
    assert post.toward == {"Acme": Label.POSITIVE, "Bolt": Label.NEGATIVE}
    first, second = own_posts.examples(post)
    assert (first.target, second.target) == ((0, 4), (11, 15))
    assert first.answers == {
        TONE.name: TONE.labels.index(Label.POSITIVE),
        ASKS.name: ASKS.labels.index(Asks.PRAISE),
        EMOTION.name: EMOTION.labels.index(Emotion.JOY),
        TOWARD.name: TOWARD.labels.index(Label.POSITIVE),
    }
    assert second.answers == {TOWARD.name: TOWARD.labels.index(Label.NEGATIVE)}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "poem"}, "kind 'poem' is not known"),
        ({"tone": "fine"}, "'fine' is not a valid Label"),
        ({"toward": "Globex=positive"}, "'Globex' does not stand in the text"),
        ({"asks": "money"}, "'money' is not a valid Asks"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(
    tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError, match=rf"\Aen\.tsv, line 3: {told}\.\Z"):
        own_posts.read(in_file(tmp_path, row(), row(**wrong)))

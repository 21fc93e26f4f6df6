import json
import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError
from domain.mention import Author, Engagement, Mention
from listener.imports import BadRow, Imported, Notice, read_mentions

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEAD = "source,external_id,text,published_at"
GOOD = b'{"source": "x", "external_id": 1, "text": "t", "published_at": "2026-11-19"}'
ROW = "trustpilot,1,Good tea,2026-11-19T08:00:00Z"


@pytest.fixture
def read(tmp_path: Path) -> "Reader":
    return Reader(tmp_path)


class Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, content: str | bytes, name: str = "mentions.csv"
    ) -> list[Imported | BadRow | Notice]:
        path = self._folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_mentions(path, now=NOW))

    def only(self, content: str | bytes, name: str = "mentions.csv") -> Mention:
        (found,) = self(content, name)
        assert isinstance(found, Imported)
        return found.mention


def lines(found: list[Imported | BadRow | Notice]) -> list[tuple[str, int]]:
    return [(type(one).__name__, one.line) for one in found if not isinstance(one, Notice)]


def test_the_four_required_columns_are_enough(read: Reader) -> None:
    assert read(f"{HEAD}\n{ROW}\n") == [
        Imported(
            2,
            Mention(
                source="trustpilot",
                external_id="1",
                text="Good tea",
                published_at=datetime(2026, 11, 19, 8, 0, tzinfo=UTC),
            ),
            None,
        )
    ]


FULL = Mention(
    source="x",
    external_id="1849",
    text='Two lines,\n"quoted"; and\ta tab',
    published_at=datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
    url="https://x.com/ana/status/1849",
    lang="en",
    parent_id="1840",
    conversation_id="1830",
    author=Author(
        id="99",
        handle="ana",
        name="Ana Invented",
        bio="tea",
        location="Lisbon",
        url="https://ana.example.org",
        followers=120,
        created_at=datetime(2020, 1, 2, tzinfo=UTC),
    ),
    engagement=Engagement(likes=3, reposts=1, replies=0, views=None),
    rating=4.5,
)


def test_the_json_of_our_own_listing_comes_back_whole(read: Reader) -> None:
    exported = {
        "id": 7,
        "source": "x",
        "external_id": "1849",
        "brand": "Acme",
        "url": "https://x.com/ana/status/1849",
        "text": FULL.text,
        "lang": "en",
        "published_at": "2026-11-20T09:12:00Z",
        "collected_at": "2026-11-20T09:15:00Z",
        "parent_id": "1840",
        "conversation_id": "1830",
        "author": {
            "id": "99",
            "handle": "ana",
            "name": "Ana Invented",
            "bio": "tea",
            "location": "Lisbon",
            "url": "https://ana.example.org",
            "followers": 120,
            "created_at": "2020-01-02T00:00:00Z",
        },
        "engagement": {"likes": 3, "reposts": 1, "replies": 0, "views": None},
        "rating": 4.5,
        "sentiment": {"label": "negative", "negative": 0.91, "model": "m", "corrected_by": None},
        "customer": {
            "id": 12,
            "clv": 140.5,
            "revenue_12m": 99.0,
            "currency": "EUR",
            "values": [{"currency": "EUR", "orders": 2}],
            "segment": "regular",
            "link": {"state": "confirmed"},
        },
        "incident": None,
    }
    assert read(json.dumps(exported) + "\n", "m.jsonl") == [Imported(1, FULL, "Acme")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("spelling", [".", "_", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_in_any_usual_dress(read: Reader, delimiter: str, spelling: str, end: str) -> None:
    columns = {
        "Brand": "Acme",
        "TEXT": f'"{FULL.text.replace(chr(34), chr(34) * 2)}"',
        "author.id": "99",
        "author.handle": "@ana",
        "author.name": "Ana Invented",
        "author.bio": "tea",
        "author.location": "Lisbon",
        "author.url": "https://ana.example.org",
        "author.followers": "120",
        "author.created_at": "2020-01-02",
        "published_at": "2026-11-20T10:12:00+01:00",
        "source": "X",
        "external_id": "1849",
        "url": "https://x.com/ana/status/1849",
        "lang": "en-GB",
        "parent_id": "1840",
        "conversation_id": "1830",
        "engagement.likes": "3",
        "engagement.reposts": "1",
        "engagement.replies": "0",
        "engagement.views": "",
        "rating": "4.5",
        "sentiment.label": "negative",
        "id": "7",
    }
    head = delimiter.join(name.replace(".", spelling) for name in columns)
    content = f"\ufeff{head}{end}{delimiter.join(columns.values())}{end}"
    assert read(content) == [Imported(2, FULL, "Acme")]


def test_good_rows_are_kept_and_bad_ones_told_with_their_lines(read: Reader) -> None:
    found = read(
        f"{HEAD},likes\n"
        f"{ROW},1\n"
        "\n"
        "trustpilot,2,,2026-11-19T08:00:00Z,1\n"
        'trustpilot,3,"two\nlines",2026-11-19T08:00:00Z,1\n'
        "trustpilot,4,Later,yesterday,1\n"
        "trustpilot,5,Many,2026-11-19T08:00:00Z,lots\n"
        "trustpilot,6,Wide, comma,2026-11-19T08:00:00Z,1\n"
        "trustpilot,7,Future,2026-11-22T08:00:00Z,1\n"
        "trustpilot,8,Epoch,1970-01-01T00:00:00Z\n"
        "trustpilot,9,Padded,2026-11-19T08:00:00Z,1,,,\n"
        "trustpilot\n"
        "trustpilot,10,No date,0001-01-01T00:00:00Z\n"
    )
    assert lines(found) == [
        ("Imported", 2),
        ("BadRow", 4),
        ("Imported", 5),
        ("BadRow", 7),
        ("BadRow", 8),
        ("BadRow", 9),
        ("BadRow", 10),
        ("Imported", 11),
        ("Imported", 12),
        ("BadRow", 13),
        ("BadRow", 14),
    ]
    assert [one.reason for one in found if isinstance(one, BadRow)] == [
        "text missing",
        "published_at is no date: write it like 2026-11-20T09:12:00Z",
        "likes is no number",
        "6 columns where the header has 5",
        "published_at lies in the future",
        "external_id, text, published_at missing",
        "published_at is no date: write it like 2026-11-20T09:12:00Z",
    ]


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=(f"{HEAD}\n{ROW}\n",))
    writer.start()

    assert lines(list(read_mentions(pipe, now=NOW))) == [("Imported", 2)]
    writer.join()


def test_an_unclosed_quote_costs_its_own_row_only(read: Reader) -> None:
    good = "".join(f'trustpilot,g{n},"fine, yes",2026-11-19T08:00:00Z\n' for n in range(5))
    found = read(f'{HEAD}\ntrustpilot,1,"never closed,2026-11-19T08:00:00Z\n{good}')
    assert lines(found) == [("BadRow", 2), *(("Imported", n) for n in range(3, 8))]
    found = read(f'{HEAD}\n{good}trustpilot,1,"never closed,2026-11-19T08:00:00Z\n')
    assert lines(found) == [*(("Imported", n) for n in range(2, 7)), ("BadRow", 7)]


def test_a_row_that_is_not_utf8_costs_itself_only(read: Reader) -> None:
    bad = "trustpilot,2,caf\xe9,2026-11-19T08:00:00Z\n".encode("latin-1")
    found = read(f"{HEAD}\n".encode() + bad + f"{ROW}\n".encode())
    assert found[0] == BadRow(2, "not UTF-8")
    assert lines(found)[1] == ("Imported", 3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"{oops}", "no JSON: Expecting property name", id="no JSON"),
        pytest.param(b'{"source": "caf\xe9"}', "not UTF-8 at byte 16", id="not UTF-8"),
        pytest.param(b"[1]", "no JSON object", id="a list"),
        pytest.param(b"[" * 100_000, "nested too deep", id="deep"),
        pytest.param(b'{"source": ' + b"9" * 10_000 + b"}", "number too long", id="long number"),
        pytest.param(
            b'{"source": ["x"], "external_id": 1, "text": "t", "published_at": "2026-11-19"}',
            "source is no text",
            id="wrong type",
        ),
        pytest.param(
            b'{"source": "x", "external_id": 1, "text": 5, "published_at": "2026-11-19"}',
            "text is no text",
            id="text is a number",
        ),
        pytest.param(
            GOOD.replace(b'"2026-11-19"', b"1763629000"),
            "published_at is no text",
            id="epoch",
        ),
        pytest.param(
            GOOD.replace(b"2026-11-19", b"0001-01-01T00:00:00+10:00"),
            "published_at is no date",
            id="before time",
        ),
        pytest.param(
            GOOD[:-1] + b', "rating": NaN}',
            "rating is no number",
            id="NaN",
        ),
        pytest.param(
            GOOD[:-1] + b', "likes": 1e300}',
            "likes is no whole number",
            id="huge",
        ),
        pytest.param(
            GOOD[:-1] + b', "likes": true}',
            "likes is no number",
            id="a bool",
        ),
        pytest.param(
            GOOD[:-1] + b', "author": {"handle": "' + b"h" * 501 + b'"}}',
            "author.handle has more than 500 characters",
            id="a name that no index holds",
        ),
    ],
)
def test_a_bad_json_line_is_told_and_the_rest_read(read: Reader, line: bytes, reason: str) -> None:
    found = read(b"\xef\xbb\xbf" + GOOD + b"\n\n" + line + b"\n" + GOOD, "m.jsonl")
    assert lines(found) == [("Imported", 1), ("BadRow", 3), ("Imported", 4)]
    assert isinstance(found[1], BadRow)
    assert reason in found[1].reason


def test_what_no_database_takes_is_cleaned(read: Reader) -> None:
    mention = read.only(
        '{"source": "x", "external_id": "1", "text": "a\\u0000b \\ud800 \\ud83d\\ude00",'
        ' "published_at": "2026-11-19", "author": {"handle": "h\\udfff"}, "url": "javascript:x"}',
        "m.jsonl",
    )
    assert mention.text == "ab \ufffd 😀"
    assert mention.author == Author(id="h\ufffd", handle="h\ufffd")
    assert mention.url == ""
    assert read.only(f"{HEAD}\nx,1,a\0b,2026-11-19\n").text == "ab"


def test_a_very_long_text_is_kept(read: Reader) -> None:
    assert len(read.only(f"{HEAD}\nx,1,{'tea ' * 100_000},2026-11-19\n").text) == 400_000


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(",,", None, id="nobody"),
        pytest.param("5,ana,Ana", Author("5", "ana", "Ana"), id="all"),
        pytest.param(",@ana,", Author("ana", "ana"), id="handle only"),
        pytest.param(",,Ana I.", Author("name:Ana I.", "", "Ana I."), id="name only, never linked"),
    ],
)
def test_who_wrote_it(read: Reader, cells: str, expected: Author | None) -> None:
    head = f"{HEAD},author_id,author_handle,author_name"
    assert read.only(f"{head}\n{ROW},{cells}\n").author == expected


def test_the_guard_of_our_own_export_is_taken_off(read: Reader) -> None:
    assert read.only(f"{HEAD}\nx,1,'@acme hi,2026-11-19\n").text == "@acme hi"
    assert read.only(f"{HEAD}\nx,1,'tis,2026-11-19\n").text == "'tis"


def test_an_id_that_a_spreadsheet_rounded_is_no_id(read: Reader) -> None:
    (found,) = read(f"{HEAD}\nx,1.99145E+18,tea,2026-11-19\n")
    assert isinstance(found, BadRow)
    assert "rounded" in found.reason


def test_stars_without_a_word_are_a_mention(read: Reader) -> None:
    mention = read.only(f"{HEAD},rating\ntrustpilot,1,,2026-11-19,5\n")
    assert (mention.text, mention.rating) == ("", 5.0)


def test_an_unknown_column_is_told_once(read: Reader) -> None:
    found = read(f"{HEAD},mood\n{ROW},1\n{ROW},2\n")
    assert [one for one in found if isinstance(one, Notice)] == [
        Notice("ignored, not known here: 'mood'")
    ]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        pytest.param(b"", "m.csv", "is empty", id="empty"),
        pytest.param(b"\n\n", "m.csv", "is empty", id="blank"),
        pytest.param(
            b"source,text\n",
            "m.csv",
            "column external_id, published_at missing; found source, text",
            id="columns",
        ),
        pytest.param(b"just some words\n", "m.txt", "column source", id="prose"),
        pytest.param(
            HEAD.encode() + b",Text\n", "m.csv", "column text stands there twice", id="twice"
        ),
        pytest.param(b"[{}]", "m.json", "write one JSON object a line", id="array"),
        pytest.param("source".encode("utf-16"), "m.csv", "is UTF-16", id="UTF-16"),
        pytest.param(b"source,caf\xe9\n", "m.csv", "not UTF-8", id="latin-1 header"),
        pytest.param(b'source,"text\n', "m.csv", "broken quotes", id="broken header"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(
    read: Reader, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(content, name)
    assert words in str(caught.value)
    assert name in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            list(read_mentions(path, now=NOW))


def test_an_empty_listing_is_no_mentions(read: Reader) -> None:
    assert read(b"", "m.jsonl") == []
    assert read(f"{HEAD}\n") == []


@given(st.binary(max_size=300))
def test_no_bytes_make_a_bug(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for start in (b"", HEAD.encode() + b"\n", b"{"):
        path.write_bytes(start + content)
        try:
            list(read_mentions(path, now=NOW))
        except InputError as error:
            assert str(path) in str(error)  # noqa: PT017

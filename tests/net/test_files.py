"""Rows of CSV and JSON Lines files, whatever wrote them."""

import csv
import io
import re
from pathlib import Path

import pytest

from domain.errors import InputError
from net.files import (
    LONGEST_CELL,
    Record,
    csv_rows,
    json_object,
    json_rows,
    text_file,
)

EXPECTED = "',' expected after '\"'"


def rows(content: str, *, strict: bool = True, bounded: bool = False) -> list[Record]:
    return list(csv_rows(io.StringIO(content, newline=""), strict=strict, bounded=bounded))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a,b\n1,2\n", id="comma"),
        pytest.param("a;b\r\n1;2\r\n", id="semicolon and CRLF"),
        pytest.param("a\tb\r1\t2", id="tab and CR"),
        pytest.param('\ufeff"a","b"\n"1","2"\n', id="BOM and quotes"),
    ],
)
def test_what_exports_write_is_read(content: str) -> None:
    assert rows(content) == [Record(1, ("a", "b")), Record(2, ("1", "2"))]


def test_a_delimiter_within_quotes_is_none() -> None:
    assert rows('"a; b; c",d\n1,2\n') == [Record(1, ("a; b; c", "d")), Record(2, ("1", "2"))]


def test_the_line_is_where_the_row_begins() -> None:
    content = '\n\na,b\n"two\nlines",1\n\r\n2,3\n'
    assert [one.line for one in rows(content)] == [3, 4, 7]


def test_a_line_separator_that_no_csv_knows_ends_no_row() -> None:
    assert rows("a,b\none\u2028two\x85\x0c,2\n")[1] == Record(2, ("one\u2028two\x85\x0c", "2"))


@pytest.mark.parametrize("bounded", [True, False])
def test_a_quote_left_open_costs_its_own_line_only(*, bounded: bool) -> None:
    content = 'a,b\n1,"open\n2,"fine\nlines"\n3,"open\n4,x\n'
    assert rows(content, bounded=bounded) == [
        Record(1, ("a", "b")),
        Record(2, (), EXPECTED),
        Record(3, ("2", "fine\nlines")),
        Record(5, (), "unexpected end of data"),
        Record(6, ("4", "x")),
    ]


def test_who_is_not_strict_takes_quotes_as_they_come() -> None:
    assert rows('a,b\n"so" good,1\n2,"open\n', strict=False)[1:] == [
        Record(2, ("so good", "1")),
        Record(3, ("2", "open\n")),
    ]


@pytest.mark.parametrize("wide", ['"x\n2,y",z,z', 'x,"1\n2",z'])
def test_a_bounded_row_of_lines_is_no_wider_than_the_header(wide: str) -> None:
    found = rows(f"a,b\n{wide}\n", bounded=True)
    assert found[1] == Record(2, (), "more cells than the header")
    assert found[2].line == 3
    assert not rows(f"a,b\n{wide}\n")[1].trouble


def test_a_bounded_row_of_one_line_keeps_what_is_too_wide() -> None:
    assert rows("a,b\n1,2,3,,\n", bounded=True)[1] == Record(2, ("1", "2", "3"))


def test_padding_is_left_out_of_a_bounded_row() -> None:
    assert rows("a,b\n1,,,\n", bounded=True)[1] == Record(2, ("1", ""))
    assert rows("a,b\n1,,,\n")[1] == Record(2, ("1", "", "", ""))


def test_a_bounded_row_has_500_lines_at_most() -> None:
    def content(lines: int) -> str:
        return 'a,b\n1,"' + "x\n" * (lines - 1) + '"\n'

    assert len(rows(content(500), bounded=True)) == 2
    assert rows(content(501), bounded=True)[1] == Record(2, (), "unexpected end of data")
    assert len(rows(content(501))) == 2


@pytest.mark.parametrize("strict", [True, False])
def test_a_cell_beyond_all_length_costs_its_own_row_only(*, strict: bool) -> None:
    csv.field_size_limit(10)  # as another library might
    found = rows(f"a,b\n{'x' * (LONGEST_CELL + 1)},1\n{'x' * 200_000},2\n", strict=strict)
    assert found[1] == Record(2, (), f"field larger than field limit ({LONGEST_CELL})")
    assert found[2].cells[1] == "2"


def test_rows_are_read_as_they_are_asked_for() -> None:
    lines = iter(["a,b\n", "1,2\n", "3,4\n"])
    found = csv_rows(lines, bounded=True)
    assert [next(found).line, next(found).line] == [1, 2]
    assert next(lines) == "3,4\n"


@pytest.mark.parametrize("content", ["", "\n\r\n", "\ufeff"])
def test_what_holds_nothing_has_no_rows(content: str) -> None:
    assert rows(content) == []
    assert list(json_rows(io.StringIO(content))) == []
    assert list(json_rows(io.BytesIO(content.encode()))) == []


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_json_lines_keep_their_numbers(start: str) -> None:
    content = f'{start}{{"a": 1}}\n\n  \n[1]\n{{"a": {{}}}}'
    expected = [(1, {"a": 1}), (4, "no JSON object"), (5, {"a": {}})]
    assert list(json_rows(io.StringIO(content))) == expected
    assert list(json_rows(io.BytesIO(content.encode()))) == expected


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        pytest.param("{oops}", "no JSON: Expecting property name", id="no JSON"),
        pytest.param(b'{"a": "caf\xe9"}', "not UTF-8 at byte 11 of the line", id="Latin-1"),
        pytest.param("[" * 100_000, "nested too deep", id="deep"),
        pytest.param(f'{{"a": {"9" * 5_000}}}', "a number too long", id="long number"),
        pytest.param('"text"', "no JSON object", id="a text"),
    ],
)
def test_why_a_line_holds_no_object(line: str | bytes, trouble: str) -> None:
    found = json_object(line)
    assert isinstance(found, str)
    assert trouble in found


def test_a_number_of_any_length_is_read_where_it_need_not_be_exact() -> None:
    assert json_object(f'{{"a": {"9" * 5_000}}}', parse_int=float) == {"a": float("inf")}


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
def test_a_file_is_read_in_the_encodings_that_exports_have(
    tmp_path: Path, encoding: str, said: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("naïve café\n".encode(encoding))
    found = text_file(path)
    assert found.encoding == said
    for _ in range(2):
        assert list(found.lines()) == ["naïve café\n"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param("Zoë, José, René".encode() + b"\xe9", "is damaged UTF-8 (byte 18)", id="cut"),
        pytest.param(b"a\x81\x8d", "is neither UTF-8 nor CP1252 (byte 1)", id="no letters"),
        pytest.param(b"\xff\xfea", "is neither UTF-8 nor UTF-16", id="half a letter"),
    ],
)
def test_a_file_in_no_encoding_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=re.escape(f"{path} {said}")):
        text_file(path)

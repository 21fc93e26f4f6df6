"""Files that people label by hand, as they come."""

from pathlib import Path

import pytest

from domain.errors import InputError
from domain.sentiment import Label
from net.files import LONGEST_CELL
from sentiment.labelled import LabelledFile, LabelledText, read_labelled

GOOD = LabelledText("so good", Label.POSITIVE)
BAD = LabelledText("so bad", Label.NEGATIVE)


def read(folder: Path, name: str, content: str | bytes) -> LabelledFile:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_labelled(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.tsv", "label\ttext\npositive\tso good\nnegative\tso bad\n", id="tsv"),
        pytest.param("a.tsv", "text\tlabel\nso good\tpositive\nso bad\tnegative", id="order"),
        pytest.param(
            "a.tsv", "id\ttext\tlabel\n1\tso good\tpositive\n2\tso bad\tnegative", id="more columns"
        ),
        pytest.param("a.csv", "\ufefftext,label\nso good,positive\nso bad,negative\n", id="BOM"),
        pytest.param("a.csv", 'text;label\r\n"so good";POSITIVE\r\nso bad;Negative', id="Excel"),
        pytest.param("a.txt", "Text\tLabel\nso good\tpositive\nso bad\tnegative", id="no suffix"),
        pytest.param(
            "a.jsonl",
            '{"text": "so good", "label": "positive", "x": 1}\n\n'
            '{"label": "negative", "text": "so bad"}\n',
            id="jsonl",
        ),
        pytest.param(
            "a.tsv", "label\ttext\r\n positive \tso good\r\nnegative\tso bad\r\n", id="CR"
        ),
    ],
)
def test_the_formats_people_have(tmp_path: Path, name: str, content: str) -> None:
    assert read(tmp_path, name, content) == LabelledFile([GOOD, BAD], [])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            "a.tsv",
            "text\tTarget\tlabel\nAcme is good\tAcme\tpositive\nso bad\t\tnegative",
            id="tsv",
        ),
        pytest.param(
            "a.csv", "text,label,target\nAcme is good,positive,Acme\nso bad,negative", id="csv"
        ),
        pytest.param(
            "a.jsonl",
            '{"text": "Acme is good", "label": "positive", "target": "Acme"}\n'
            '{"text": "so bad", "label": "negative", "target": null}\n',
            id="jsonl",
        ),
    ],
)
def test_a_label_may_be_about_a_name(tmp_path: Path, name: str, content: str) -> None:
    toward = LabelledText("Acme is good", Label.POSITIVE, "Acme")
    assert read(tmp_path, name, content) == LabelledFile([toward, BAD], [])


def test_a_single_quotation_mark_in_tsv_swallows_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "a.tsv", 'label\ttext\npositive\t"so good\nnegative\tso bad\n')
    assert [row.text for row in found.rows] == ['"so good', "so bad"]


def test_quoted_csv_may_hold_commas_and_lines(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", 'text,label\n"so, ""very""\ngood",positive\nso bad,negative\n')
    assert [row.text for row in found.rows] == ['so, "very"\ngood', "so bad"]


def test_the_header_may_hold_other_delimiters_in_quotes_and_a_text_any_break(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "a.csv", '"id (a; b; c)",text,label\n1,so\u2028good,positive\n')
    assert found == LabelledFile([LabelledText("so\u2028good", Label.POSITIVE)], [])


def test_bad_rows_are_counted_with_their_line(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "a.tsv",
        "label\ttext\npositive\tso good\nmixed\tx\nnegative\n1\tx\nnegative\tso bad\n",
    )
    assert found.rows == [GOOD, BAD]
    assert found.problems == [
        "line 3: label 'mixed' is not negative, neutral or positive",
        "line 4: no text",
        "line 5: label '1' is not negative, neutral or positive",
    ]


def test_a_number_of_any_length_costs_no_row(tmp_path: Path) -> None:
    row = f'{{"text": "so good", "label": "positive", "id": {"9" * 5_000}}}'
    assert read(tmp_path, "a.jsonl", row) == LabelledFile([GOOD], [])


def test_bad_json_lines_are_counted(tmp_path: Path) -> None:
    content = '{"text": "so good", "label": "positive"}\n{oops\n[1]\n{"text": 7, "label": "x"}\n'
    found = read(tmp_path, "a.jsonl", content)
    assert found.rows == [GOOD]
    assert found.problems == ["line 2: no text", "line 3: no text", "line 4: no text"]


def test_a_text_too_long_for_csv_is_one_bad_row(tmp_path: Path) -> None:
    long = "x" * 200_000
    endless = "x" * (LONGEST_CELL + 1)
    content = f"text,label\n{long},positive\n{endless},positive\nso bad,negative\n"
    found = read(tmp_path, "a.csv", content)
    assert [row.text for row in found.rows] == [long, BAD.text]
    assert found.problems == ["line 3: no text"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("a.csv", "tweet,label\nx,positive\n", "found: tweet, label", id="column"),
        pytest.param("a.tsv", "", "found: none", id="empty"),
        pytest.param("a.tsv", "text\tlabel\n", "no usable row", id="only a header"),
        pytest.param("a.tsv", "text\tlabel\nx\t1\n", "no usable row; line 2: label '1'", id="bad"),
        pytest.param("a.csv", b"text,label\ncaf\xe9,positive\n", "is not UTF-8", id="Latin-1"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, name, content)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labelled(tmp_path / "none.tsv")
    with pytest.raises(InputError, match="cannot be read"):
        read_labelled(tmp_path)

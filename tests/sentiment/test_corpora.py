"""What is learnt from is allowed, and is never measured on."""

import random
from pathlib import Path

import pytest

from domain.errors import InputError
from domain.sentiment import Label
from sentiment import corpora
from sentiment.corpora import Corpus
from sentiment.labelled import LabelledText


def rows(*texts: str) -> list[LabelledText]:
    return [LabelledText(text, Label.POSITIVE) for text in texts]


def test_every_learnt_set_states_terms_that_allow_any_use() -> None:
    allowed = ("MIT", "Apache-2.0", "CC BY", "TweetEval: released without any restrictions")
    assert all(one.terms.startswith(allowed) for one in (corpora.TWEETS, *corpora.BROAD))


def test_no_measured_set_is_learnt_from() -> None:
    learnt = {one.path for one in (corpora.TWEETS, *corpora.BROAD)}
    assert not learnt & {one.path for one in corpora.MEASURED}


def test_rows_are_read_unquoted_and_other_labels_left_out(tmp_path: Path) -> None:
    (tmp_path / "set.tsv").write_text('label\ttext\njoy\t"yes\nfear\tno\n', encoding="utf-8")
    corpus = Corpus("set.tsv", "MIT", {"joy": Label.POSITIVE})
    assert corpora.read(tmp_path, corpus) == rows('"yes')


def test_a_set_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as labelled texts"):
        corpora.read(tmp_path, corpora.TWEETS)


def test_overlap_is_found_whatever_the_dress() -> None:
    seen = {"sogood"}
    kept = corpora.without_overlap(rows("So good!", "so fine", "RT @ana: SO FINE", "@ana"), seen)
    assert kept == rows("so fine")


def test_a_text_is_held_out_every_time_or_never() -> None:
    texts = rows(*(f"text number {i}" for i in range(2_000)))
    learnt, aside = corpora.split(texts)
    again, _ = corpora.split(list(reversed(texts)))
    assert set(learnt) == set(again)
    assert 40 < len(aside) < 140


def test_lent_emojis_are_of_the_texts_own_label() -> None:
    texts = [LabelledText(f"text {i}", label) for label in Label for i in range(300)]
    lent = corpora.lend_emojis(texts, random.Random(1))  # noqa: S311
    changed = [new for old, new in zip(texts, lent, strict=False) if old != new]
    assert 15 < len(changed) < 90
    assert all(row.text[-1] in corpora.EMOJIS[row.label] for row in changed)

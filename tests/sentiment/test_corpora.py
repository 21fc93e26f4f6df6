"""What is learnt from is allowed, and is never measured on."""

import random
from pathlib import Path

import pytest

from domain.errors import InputError
from domain.sentiment import Asks, Emotion, Label
from sentiment import corpora
from sentiment.corpora import Corpus, Example, digest
from sentiment.heads import ASKS, EMOTION, SARCASM, TONE, TOWARD, Head
from sentiment.learning_texts import gather

LEARNT = (corpora.TWEETS, *corpora.BROAD, corpora.TARGETS)
KEPT_OUT = (*corpora.MEASURED, *corpora.TARGETED, *corpora.OTHER_LANGUAGES.values())


def answer(head: Head, label: str) -> dict[str, int]:
    return {head.name: head.labels.index(label)}


def toned(text: str, label: Label = Label.POSITIVE) -> Example:
    return Example(text, answer(TONE, label))


def rows(*texts: str) -> list[Example]:
    return [toned(text) for text in texts]


def in_words(examples: list[Example], head: Head) -> list[str]:
    """The right label of each, by its name."""
    return [head.labels[one.answers[head.name]] for one in examples]


def read(folder: Path, like: str, content: str) -> list[Example]:
    """The examples of a file with this content, read as the set at `like` is."""
    (folder / "set.tsv").write_text(content, encoding="utf-8")
    (corpus,) = (one for one in (*LEARNT, *KEPT_OUT) if one.path == like)
    return corpora.read(folder, Corpus("set.tsv", "MIT", corpus.answers))


def test_every_learnt_set_states_terms_that_allow_any_use() -> None:
    allowed = ("MIT", "Apache-2.0", "CC BY", "TweetEval: released without any restrictions")
    assert all(one.terms.startswith(allowed) for one in LEARNT)


def test_no_measured_set_is_learnt_from() -> None:
    assert not {one.path for one in LEARNT} & {one.path for one in KEPT_OUT}


# --- reading -----------------------------------------------------------------------------------


def test_rows_are_read_unquoted_and_other_labels_left_out(tmp_path: Path) -> None:
    content = 'label\ttext\npositive\t"yes\nmixed\tno\npositive\t\n'
    assert read(tmp_path, corpora.TWEETS.path, content) == rows('"yes')


def test_a_set_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        corpora.read(tmp_path, corpora.TWEETS)
    assert str(caught.value) == (
        f"{tmp_path / corpora.TWEETS.path}: cannot be read as labelled texts (No such file or "
        "directory); the folder must hold the sets that sentiment/corpora.py names."
    )


def test_a_folder_of_sets_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="nowhere: there is no such folder; it must hold the sets of"
    ):
        gather(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("emotions", "expected"),
    [
        pytest.param("anger", Emotion.ANGER, id="one"),
        pytest.param("annoyance,disapproval", Emotion.ANGER, id="two of one group"),
        pytest.param("gratitude", Emotion.JOY, id="all that is glad is joy"),
        pytest.param("neutral", Emotion.NONE, id="none"),
        pytest.param("anger,sadness", None, id="two groups"),
        pytest.param("joy,neutral", None, id="one and none"),
    ],
)
def test_reddits_emotions_count_where_they_agree(
    tmp_path: Path, emotions: str, expected: Emotion | None
) -> None:
    content = f"label\ttext\temotions\nneutral\tso it is\t{emotions}\n"
    (one,) = read(tmp_path, "goemotions/train.tsv", content)
    known = {} if expected is None else answer(EMOTION, expected)
    assert one.answers == answer(TONE, Label.NEUTRAL) | known


@pytest.mark.parametrize(
    ("label", "tone", "emotion"),
    [
        ("anger", Label.NEGATIVE, Emotion.ANGER),
        ("sadness", Label.NEGATIVE, Emotion.SADNESS),
        ("joy", Label.POSITIVE, Emotion.JOY),
        ("optimism", Label.POSITIVE, Emotion.JOY),
    ],
)
def test_an_emotion_of_a_tweet_is_a_tone_too(
    tmp_path: Path, label: str, tone: Label, emotion: Emotion
) -> None:
    (one,) = read(tmp_path, "tweeteval_emotion/train.tsv", f"label\ttext\n{label}\tso it is\n")
    assert one.answers == answer(TONE, tone) | answer(EMOTION, emotion)


def test_an_emotion_nobody_foresaw_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such column or label: envy"):
        read(tmp_path, "tweeteval_emotion/train.tsv", "label\ttext\nenvy\tso it is\n")


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("tweeteval_irony/train.tsv", ("irony", "non_irony")),
        ("isarcasm/train_en.tsv", ("sarcastic", "not_sarcastic")),
    ],
)
def test_irony_and_sarcasm_are_one_question(
    tmp_path: Path, path: str, labels: tuple[str, str]
) -> None:
    yes, no = labels
    found = read(tmp_path, path, f"label\ttext\n{yes}\tsure\n{no}\tso it is\n")
    assert in_words(found, SARCASM) == ["sarcastic", "plain"]


@pytest.mark.parametrize(
    ("path", "column"),
    [("absa/mams_train.tsv", "target"), ("twitter_entity/val.tsv", "entity")],
)
def test_a_tone_toward_a_name_knows_where_it_stands(tmp_path: Path, path: str, column: str) -> None:
    content = (
        f"label\ttext\t{column}\n"
        "negative\tthe Tea was cold, tea!\ttea\n"
        "positive\tthe tea was cold\tservice\n"
    )
    there, absent = read(tmp_path, path, content)
    assert (there.answers, there.target) == (answer(TOWARD, Label.NEGATIVE), (4, 7))
    assert (absent.answers, absent.target) == (answer(TOWARD, Label.POSITIVE), None)


# --- what is asked -----------------------------------------------------------------------------


def test_what_a_text_asks_is_known_by_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {digest("Where is my order?"): Asks.QUESTION}
    monkeypatch.setattr(corpora, "asks", lambda: known)
    asked, other = corpora.with_asks(rows("@acme where is my ORDER", "so good"))
    assert asked.answers == answer(TONE, Label.POSITIVE) | answer(ASKS, Asks.QUESTION)
    assert other == toned("so good")


def test_the_texts_that_were_labelled_are_known_without_being_kept() -> None:
    known = corpora.asks()
    assert set(known.values()) == set(Asks)
    assert all(len(key) == len(digest("x")) and int(key, 16) >= 0 for key in known)


# --- keeping apart -----------------------------------------------------------------------------


def test_overlap_is_found_whatever_the_dress() -> None:
    seen = {"sogood"}
    kept = corpora.without_overlap(rows("So good!", "so fine", "RT @ana: SO FINE", "@ana"), seen)
    assert kept == rows("so fine")


def test_a_text_is_held_out_every_time_or_never() -> None:
    texts = rows(*(f"text number {i}" for i in range(2_000)))
    learnt, aside = corpora.split(texts)
    again, _ = corpora.split(list(reversed(texts)))
    assert {one.text for one in learnt} == {one.text for one in again}
    assert len(learnt) + len(aside) == len(texts)
    assert 40 < len(aside) < 140


# --- made by chance ----------------------------------------------------------------------------


def test_lent_emojis_are_of_the_texts_own_label() -> None:
    texts = [toned(f"text {i}", label) for label in Label for i in range(300)]
    texts += [Example(f"untold {i}", answer(SARCASM, "plain")) for i in range(300)]
    lent = corpora.lend_emojis(texts, random.Random(1))  # noqa: S311
    changed = [new for old, new in zip(texts, lent, strict=False) if old != new]
    assert 15 < len(changed) < 90
    assert all(
        one.text[-1] in corpora.EMOJIS[Label(label)]
        for one, label in zip(changed, in_words(changed, TONE), strict=True)
    )


def test_each_emoji_stands_once_on_its_own() -> None:
    alone = corpora.lend_emojis([], random.Random(1))  # noqa: S311
    assert [one.text for one in alone] == list("".join(corpora.EMOJIS.values()))
    assert all(
        one.text in corpora.EMOJIS[Label(label)]
        for one, label in zip(alone, in_words(alone, TONE), strict=True)
    )


NAMED = {
    Label.NEGATIVE: ["@acme broke again", "the bus to Berlin was late"],
    Label.NEUTRAL: ["#acme opens at nine", "you can ask [NAME] about it"],
    Label.POSITIVE: ["so glad that Ana Ruiz came", "lovely tea @bolt thanks"],
}
NAMES = ("@acme", "Berlin", "#acme", "[NAME]", "Ana Ruiz", "@bolt")
TONED = [toned(text, label) for label, texts in NAMED.items() for text in texts]
NAMELESS = [toned("so it goes"), Example("hello @acme", answer(SARCASM, "plain"))]


def name_of(one: Example) -> str:
    assert one.target is not None
    start, end = one.target
    return one.text[start:end]


@pytest.mark.parametrize("texts", [[], NAMELESS, TONED[:2]], ids=["none", "nameless", "one tone"])
def test_pairs_that_cannot_be_made_are_refused(texts: list[Example]) -> None:
    with pytest.raises(InputError, match="pairs need"):
        corpora.pairs(texts, 1, random.Random(1))  # noqa: S311


def test_a_pair_is_asked_about_a_name_in_the_half_that_decides() -> None:
    made = corpora.pairs([*TONED, *NAMELESS], 200, random.Random(1))  # noqa: S311
    assert len(made) == 200
    label_of = {text: label for label, texts in NAMED.items() for text in texts}
    first = 0
    for one, label in zip(made, in_words(made, TOWARD), strict=True):
        halves = [text for text in label_of if text in one.text]
        (mine,) = (text for text in halves if name_of(one) in text)
        (other,) = (text for text in halves if text != mine)
        assert name_of(one) in NAMES
        assert one.answers == answer(TOWARD, label)
        assert label == label_of[mine] != label_of[other]
        first += one.text.startswith(mine)
    assert 50 < first < 150


def test_a_text_alone_is_asked_about_a_name_in_it() -> None:
    made = corpora.alone([*TONED, *NAMELESS], 4, random.Random(1))  # noqa: S311
    whole = {one.text: one for one in TONED}
    assert len({one.text for one in made}) == 4
    for one in made:
        assert name_of(one) in NAMES
        assert one.answers == {TOWARD.name: whole[one.text].answers[TONE.name]}


def test_there_are_no_more_texts_alone_than_name_somebody() -> None:
    made = corpora.alone([*TONED, *NAMELESS], 99, random.Random(1))  # noqa: S311
    assert sorted(one.text for one in made) == sorted(one.text for one in TONED)

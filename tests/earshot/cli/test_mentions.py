import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.clock import iso
from domain.listing import Stage
from domain.mention import Mention, Standing
from domain.sentiment import Asks, Emotion, Label, Sentiment
from storage import deletions, listings
from tests.earshot.cli.conftest import AWFUL, HOUR, LOVELY, NOW, Cli, MakeCli, take_in
from tests.earshot.world import store

# The contract, word for word.
MENTION = (
    *("id", "source", "external_id", "brand", "url", "text", "lang", "published_at"),
    *("collected_at", "parent_id", "conversation_id", "author", "engagement", "rating"),
    *("sentiment", "customer", "incident", "hidden", "story_id", "copies"),
)
AUTHOR = ("id", "handle", "name", "bio", "location", "url", "followers", "created_at")
ENGAGEMENT = ("likes", "reposts", "replies", "views")
SENTIMENT = (
    *("label", "negative", "neutral", "positive", "model", "corrected_by"),
    *("unsure", "toward", "asks", "emotion", "sarcastic"),
    *("asks_probability", "wants_answer"),
)
CUSTOMER = (*("id", "name", "tier", "clv", "revenue_12m", "currency", "values", "segment", "link"),)
LINK = ("state", "basis")
INCIDENT = ("id", "state", "due_at")


def ids(cli: Cli, *args: object) -> list[str]:
    return [record["external_id"] for record in cli("mentions", "--json", *args).records]


def test_json_has_the_keys_of_the_contract_in_their_order(stocked: Cli) -> None:
    record = stocked("mentions", "--json", "--source", "x", "--search", "awful").record

    assert tuple(record) == MENTION
    assert tuple(record["author"]) == AUTHOR
    assert tuple(record["engagement"]) == ENGAGEMENT
    assert tuple(record["sentiment"]) == SENTIMENT
    assert tuple(record["customer"]) == CUSTOMER
    assert tuple(record["customer"]["link"]) == LINK
    assert tuple(record["incident"]) == INCIDENT


def test_json_says_what_is_stored(stocked: Cli) -> None:
    record = stocked("mentions", "--json", "--search", "awful").record

    assert record | {"collected_at": 0, "id": 0, "sentiment": 0, "incident": 0, "customer": 0} == {
        "id": 0,
        "source": "x",
        "external_id": "1849",
        "brand": "Acme",
        "url": "https://x.com/ana/status/1849",
        "text": "Acme is awful",
        "lang": "en",
        "published_at": iso(AWFUL.published_at),
        "collected_at": 0,
        "parent_id": None,
        "conversation_id": "1849",
        "author": {
            "id": "99",
            "handle": "ana",
            "name": "Ana Ruiz",
            "bio": "reads",
            "location": "Madrid",
            "url": "https://ana.example",
            "followers": 120,
            "created_at": iso(NOW - 9000 * HOUR),
        },
        "engagement": {"likes": 3, "reposts": 0, "replies": 1, "views": None},
        "rating": None,
        "sentiment": 0,
        "customer": 0,
        "incident": 0,
        "hidden": None,
        "story_id": None,
        "copies": 0,
    }
    assert record["sentiment"]["label"] == "negative"
    assert record["sentiment"]["corrected_by"] is None
    assert record["customer"]["name"] == "Ana Ruiz"
    assert (record["customer"]["tier"], record["customer"]["revenue_12m"]) == ("gold", 1830.5)
    assert (record["customer"]["clv"], record["customer"]["values"]) == (None, []), "not valued yet"
    assert record["customer"]["link"] == {"state": "confirmed", "basis": "handle_on_file"}
    assert record["incident"]["state"] == "open"


def test_every_instant_ends_in_z(stocked: Cli) -> None:
    records = stocked("mentions", "--json").records
    instants = [
        value
        for record in records
        for part in (record, record["author"] or {}, record["incident"] or {})
        for key, value in part.items()
        if key.endswith("_at") and value is not None
    ]

    assert len(instants) > 2 * len(records)
    assert all(len(one) == len("2026-11-20T09:12:00Z") and one[-1] == "Z" for one in instants)


def test_a_post_that_names_two_brands_is_listed_once_for_each(stocked: Cli) -> None:
    both = stocked("mentions", "--json", "--source", "reddit").records

    assert [record["brand"] for record in both] == ["Acme", "Globex"]
    assert len({record["id"] for record in both}) == 1


def test_an_author_nobody_knows_is_null(stocked: Cli) -> None:
    record = stocked("mentions", "--json", "--search", "plain").record

    assert record["author"] is None
    assert record["customer"] is None
    assert record["incident"] is None


def test_a_mention_that_waits_for_its_score_has_none(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("source,external_id,text,published_at\nx,1,acme,2026-11-20\n", "utf-8")
    cli("import", file)

    assert cli("mentions", "--json").record["sentiment"] is None


@pytest.mark.parametrize("spelling", ["Google Play", "google play", "twitter"])
def test_what_was_imported_is_found_by_the_spelling_of_its_file(
    cli: Cli, tmp_path: Path, spelling: str
) -> None:
    file = tmp_path / "mentions.csv"
    row = f"{spelling},1,acme,2026-11-20"
    file.write_text(f"source,external_id,text,published_at\n{row}\n", "utf-8")
    cli("import", file)

    assert cli("mentions", "--json", "--source", spelling).record["external_id"] == "1"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param([], ["1900", "t3_one", "t3_one", "1849"], id="newest first"),
        pytest.param(["--limit", "1"], ["1900"], id="limit"),
        pytest.param(["--source", "X"], ["1900", "1849"], id="source, whatever its case"),
        pytest.param(["--source", "twitter"], ["1900", "1849"], id="source by its old name"),
        pytest.param(["--brand", "globex"], ["t3_one"], id="competitor, whatever its case"),
        pytest.param(["--sentiment", "negative"], ["1849"], id="tone"),
        pytest.param(["--since", "150m"], ["1900", "t3_one", "t3_one"], id="since, a duration"),
        pytest.param(["--since", iso(NOW - HOUR)], ["1900"], id="since, an instant, is included"),
        pytest.param(["--until", iso(NOW - 3 * HOUR)], [], id="until, an instant, is not"),
        pytest.param(["--since", "2026-01-01", "--limit", "1"], ["1900"], id="since, a date"),
        pytest.param(["--until", "1999-12-31"], [], id="until, a date"),
        pytest.param(["--search", "LOVELY globex"], ["t3_one"] * 2, id="words in any order"),
        pytest.param(["--search", 'lovely OR "awful" NEAR('], [], id="operators mean nothing"),
        pytest.param(["--search", "'; DROP TABLE mention --"], [], id="nor does SQL"),
        pytest.param(["--search", "%"], [], id="nor a pattern"),
        pytest.param(["--unanswered", "--brand", "Acme"], ["1900", "t3_one", "1849"], id="waits"),
    ],
)
def test_filters(stocked: Cli, args: list[str], expected: list[str]) -> None:
    assert ids(stocked, *args) == expected


def test_only_of_a_customer(stocked: Cli) -> None:
    customer = stocked("customers", "list", "--json").records[0]["id"]

    assert ids(stocked, "--customer", customer) == ["1849"]
    assert ids(stocked, "--customer", customer + 1) == []


def test_a_date_begins_at_the_midnight_of_the_configured_zone(cli: Cli, tmp_path: Path) -> None:
    """BASIC is set in Madrid, where 20 November begins at 23:00 UTC of the 19th."""
    rows = "x,1,acme,2026-01-19T22:59:59Z\nx,2,acme,2026-01-19T23:00:00Z\n"
    file = tmp_path / "two.csv"
    file.write_text(f"source,external_id,text,published_at\n{rows}", encoding="utf-8")
    cli("import", file)

    assert ids(cli, "--since", "2026-01-20") == ["2"]
    assert ids(cli, "--until", "2026-01-20") == ["1"]


def test_the_list_for_people_marks_customers_and_open_incidents(stocked: Cli) -> None:
    ran = stocked("mentions")

    assert len(ran.lines) == 4
    assert "$!" in ran.lines[3]
    assert "@ana" in ran.lines[3]
    assert "Acme is awful" in ran.lines[3]
    assert "(unknown)" in ran.lines[0]
    assert ran.err == "4 mentions\n"


def test_the_list_for_people_marks_what_the_model_is_unsure_of(cli: Cli) -> None:
    take_in(cli, replace(AWFUL, text="Acme perhaps"))

    assert "  negative? Acme" in cli("mentions").out
    assert cli("mentions", "--json").record["sentiment"]["unsure"] is True
    assert cli("mentions", "--json").record["incident"] is None


def test_what_a_model_says_beside_the_tone_is_shown(cli: Cli) -> None:
    store(cli.app, AWFUL, LOVELY, now=NOW)
    said = Sentiment(
        *(Label.NEGATIVE, 0.9, 0.06, 0.04, "words@1"),
        toward=True,
        asks=Asks.COMPLAINT,
        asks_probability=0.71,
        wants_answer=0.88,
        emotion=Emotion.ANGER,
        sarcastic=False,
    )
    with cli.app.database.begin() as db:
        listings.use_model(db, "words@1")
        [work, *_] = listings.waiting(db, Stage.COLLECTED, limit=9)
        listings.add_scores(db, [(work, said)], now=NOW)

    assert ids(cli, "--asks", "complaint") == [AWFUL.external_id]
    assert ids(cli, "--asks", "praise") == []
    record = cli("mentions", "--json", "--asks", "complaint").record
    assert {name: record["sentiment"][name] for name in SENTIMENT[6:]} == {
        "unsure": False,
        "toward": True,
        "asks": "complaint",
        "emotion": "anger",
        "sarcastic": False,
        "asks_probability": 0.71,
        "wants_answer": 0.88,
    }
    (row,) = csv.DictReader(io.StringIO(cli("mentions", "--csv", "--asks", "complaint").out))
    assert (row["sentiment.asks"], row["sentiment.sarcastic"]) == ("complaint", "False")
    assert (row["sentiment.asks_probability"], row["sentiment.wants_answer"]) == ("0.71", "0.88")
    ran = cli("mention", record["id"])
    for line in (
        "  tone       negative (0.90 negative, 0.06 neutral, 0.04 positive) toward the brand by",
        "  asks       complaint (0.71; for an answer 0.88)\n",
        "  emotion    anger\n",
        "  sarcastic  no\n",
    ):
        assert line in ran.out, ran.out


def test_what_was_not_scored_has_no_numbers_and_a_reason_and_is_read_back(
    cli: Cli, tmp_path: Path
) -> None:
    store(cli.app, AWFUL, now=NOW)
    with cli.app.database.begin() as db:
        listings.use_model(db, "words@1")
        unscored = Sentiment(None, 0.0, 0.0, 0.0, "words@1", reason="language sv: it reads en")
        [work] = listings.waiting(db, Stage.COLLECTED, limit=9)
        listings.add_scores(db, [(work, unscored)], now=NOW)
    as_json, as_csv = tmp_path / "mentions.jsonl", tmp_path / "mentions.csv"
    as_json.write_text(cli("mentions", "--json").out, encoding="utf-8")
    as_csv.write_text(cli("mentions", "--csv").out, encoding="utf-8")

    said = cli("mentions", "--json").record["sentiment"]
    (row,) = csv.DictReader(io.StringIO(as_csv.read_text(encoding="utf-8")))

    for label in ("label", "negative", "neutral", "positive"):
        assert said[label] is None
        assert row[f"sentiment.{label}"] == ""
    assert said["reason"] == row["sentiment.reason"] == "language sv: it reads en"
    for file in (as_json, as_csv):
        assert "1 good rows, 0 new, 1 known, 0 name no brand, 0 bad" in cli("import", file).out


def test_the_list_says_when_there_is_more(stocked: Cli) -> None:
    assert "the newest 2; --limit shows more" in stocked("mentions", "--limit", "2").err


def test_an_empty_list_prints_nothing_but_the_count(cli: Cli) -> None:
    ran = cli("mentions")

    assert (ran.out, ran.err) == ("", "0 mentions\n")
    assert cli("mentions", "--json").out == ""
    assert cli("mentions", "--csv").lines[0].startswith("id,source,external_id,brand")


# --- one ---------------------------------------------------------------------------------------


def test_one_mention_with_all_that_is_known(stocked: Cli) -> None:
    mention_id = stocked("mentions", "--json", "--search", "awful").record["id"]

    ran = stocked("mention", mention_id)

    for said in (
        f"mention {mention_id}  Acme (brand)",
        "x 1849  https://x.com/ana/status/1849",
        "Ana Ruiz @ana, 120 followers",
        "negative (0.90 negative, 0.06 neutral, 0.04 positive) by words@1",
        "  customer   1 Ana Ruiz, gold\n  worth      1,830.50 EUR in 12 months, 1 order, the last",
        "  earlier    no mention\n",
        "confirmed: handle on file",
        "no reply by the brand seen",
        "opened by",
        "  Acme is awful",
    ):
        assert said in ran.out, ran.out


def test_one_mention_as_json_has_its_evidence_and_history(stocked: Cli) -> None:
    listed = stocked("mentions", "--json", "--search", "awful").record

    record = stocked("mention", listed["id"], "--json").record

    assert record["author"].pop("company") is None
    assert {key: record[key] for key in MENTION} == listed
    further = {"orders", "told_by", "model_said", "evidence", "history", "earlier"}
    assert set(record) - set(MENTION) == further
    assert record["evidence"]
    assert record["model_said"] == record["sentiment"]
    assert [event["action"] for event in record["history"]] == ["opened"]


def test_one_mention_of_two_brands_is_shown_for_each(stocked: Cli) -> None:
    mention_id = stocked("mentions", "--json", "--search", "lovely").records[0]["id"]

    assert stocked("mention", mention_id).out.count(f"mention {mention_id}  ") == 2


def test_a_mention_that_is_not_there_is_one_line(cli: Cli) -> None:
    ran = cli("mention", "7", code=1)

    assert (ran.out, ran.err) == ("", "earshot: there is no mention 7: see earshot mentions\n")


# --- and back again ----------------------------------------------------------------------------

ODD = Mention(
    source="forum",
    external_id="=1+1",
    text='He said "acme", then;\nnothing.\n\nEmoji 👩\u200d💻, ¿ñ?, 漢字, \ttab',
    published_at=NOW - HOUR,
    rating=0.0,
    lang="es",
    conversation_id="-7",
    author=replace(LOVELY.author, id="+34", handle="-ana", name="=Ana", bio="'=1", followers=0)
    if LOVELY.author
    else None,
)
TEXTS = (
    "=HYPERLINK(acme)",
    " =acme, behind a blank",
    "\n\n@acme, behind lines",
    "\uff1dacme, in full width",
    "\ufeff+acme, behind a byte order mark",
    "\t-acme, behind a tab",
    "'=acme, quoted by its author",
    "''@acme, quoted twice",
    "'acme' is fine",
    "-acme- 'tis a dash",
    'acme "quoted, ""twice""',
    "acme;acme,acme\tacme",
    " acme with blanks ",
    "acme 👩🏽\u200d💻 ☎\ufe0f",
    "acme \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
)
FORMULAS = set("=+-@\t\r\0\uff1d\uff0b\uff0d\uff20")


def hostile(cli: Cli) -> None:
    """One mention for each text, and one that is odd in every field."""
    texts = [replace(AWFUL, external_id=str(at), text=text) for at, text in enumerate(TEXTS)]
    store(cli.app, AWFUL, LOVELY, ODD, *texts, now=NOW)


def told(cli: Cli) -> list[dict[str, Any]]:
    """The mentions without what each database makes anew."""
    own = ("id", "collected_at", "sentiment", "customer", "incident")
    records = [
        {key: value for key, value in record.items() if key not in own}
        for record in cli("mentions", "--json").records
    ]
    return sorted(records, key=lambda record: (record["external_id"], record["brand"]))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_is_listed_can_be_imported_elsewhere_without_loss(
    cli: Cli, tmp_path: Path, form: str
) -> None:
    hostile(cli)
    before = told(cli)
    file = tmp_path / f"mentions.{form}"
    file.write_bytes(cli("mentions", f"--{form}").out.encode())

    other = elsewhere(cli, tmp_path)
    ran = other("import", file)

    assert "0 name no brand, 0 bad" in ran.out
    assert told(other) == before
    assert set(TEXTS) < {record["text"] for record in before}


def elsewhere(cli: Cli, tmp_path: Path) -> Cli:
    """The same configuration with an empty database of its own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    lines = cli.config.read_text(encoding="utf-8").splitlines()
    lines[0] = f"database = 'sqlite:///{folder / 'earshot.db'}'"
    (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")
    return Cli(folder / "config.toml", cli.app)


def test_no_cell_of_a_csv_begins_like_a_formula(cli: Cli) -> None:
    hostile(cli)

    rows = list(csv.reader(io.StringIO(cli("mentions", "--csv").out, newline="")))

    begins = {cell.strip(" \n\ufeff\u200b")[:1] for row in rows for cell in row if cell}
    assert not begins & FORMULAS
    assert len({len(row) for row in rows}) == 1


def test_numbers_in_a_csv_are_no_formulas(cli: Cli) -> None:
    take_in(cli, replace(AWFUL, rating=-1.0))
    (row,) = csv.DictReader(io.StringIO(cli("mentions", "--csv").out))

    assert row["rating"] == "-1.0"
    assert row["engagement.likes"] == "3"
    assert row["engagement.views"] == ""
    assert row["published_at"] == iso(AWFUL.published_at)


def test_a_list_as_csv_has_every_value_of_its_json(stocked: Cli) -> None:
    flat = list(csv.DictReader(io.StringIO(stocked("mentions", "--csv").out)))

    for row, record in zip(flat, stocked("mentions", "--json").records, strict=True):
        for column, cell in row.items():
            value: object = record
            for key in column.split("."):
                value = value.get(key) if isinstance(value, dict) else None
            assert cell == ("" if value is None else str(value)), column


def test_a_mention_of_two_brands_comes_back_for_both(cli: Cli, tmp_path: Path) -> None:
    """Also when the text names only one: a search may have found it by a link in it."""
    take_in(cli, LOVELY)
    file = tmp_path / "two.jsonl"
    records = [record | {"text": "they are lovely"} for record in told(cli)]
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")

    other = elsewhere(cli, tmp_path)
    other("import", file)

    assert [record["brand"] for record in told(other)] == ["Acme", "Globex"]
    assert other("import", file).out.endswith(
        "2 good rows, 0 new, 2 known, 0 name no brand, 0 bad\n"
    )


def test_the_clock_of_old_imports_stands_still(cli: Cli) -> None:
    take_in(cli, replace(AWFUL, published_at=NOW - timedelta(days=8)))

    assert cli("mentions", "--json").record["incident"] is None


def test_what_may_not_be_exported_is_left_out_of_a_file_and_told(lone: Cli) -> None:
    kept = replace(AWFUL, external_id="2")
    store(lone.app, replace(AWFUL, source="youtube", author=None), kept, now=NOW)

    ran = lone("mentions", "--csv")

    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert row["source"] == "x"
    assert ran.err == ("left out: 1 of youtube, not to be exported (earshot policy show youtube)\n")
    assert len(lone("mentions", "--json").records) == 2, "looking at them is no export"


def test_what_is_not_shown_to_us_has_no_words_and_no_author(stocked: Cli) -> None:
    record = stocked("mentions", "--json", "--source", "x", "--search", "awful").record
    with stocked.app.database.begin() as session:
        deletions.note(session, [record["id"]], Standing.HIDDEN, now=NOW)
    ran = stocked("mention", record["id"]).out
    assert "not shown to us at present" in ran
    told = stocked("mention", record["id"], "--json").record
    assert (told["text"], told["url"], told["author"], told["customer"]) == ("", "", None, None)
    assert told["sentiment"] == record["sentiment"]
    for secret in (record["text"], record["url"], record["author"]["handle"]):
        assert secret not in ran


REACHABLE = replace(
    AWFUL,
    text="Acme is awful, call +1 202 555 0143",
    url="https://x.com/ana/status/12025550143",
    author=AWFUL.author and replace(AWFUL.author, bio="ask ana@example.com", handle="2025550143"),
)


def test_a_list_to_hand_on_hides_what_its_author_wrote_and_keeps_what_names_it(cli: Cli) -> None:
    take_in(cli, REACHABLE)

    plain = cli("mentions", "--json").record
    masked = cli("mentions", "--json", "--mask").record

    assert (plain["text"], plain["author"]["bio"]) == (REACHABLE.text, "ask ana@example.com")
    assert masked["text"] == "Acme is awful, call [phone …43]"
    assert masked["author"] == plain["author"] | {"bio": "ask [email]"}
    assert masked == plain | {"text": masked["text"], "author": masked["author"]}


def test_a_masked_csv_has_the_rows_and_columns_of_the_other(cli: Cli) -> None:
    take_in(cli, REACHABLE, LOVELY)

    plain, masked = (
        list(csv.reader(io.StringIO(cli("mentions", "--csv", *args).out)))
        for args in ((), ("--mask",))
    )

    assert [len(row) for row in plain] == [len(row) for row in masked]
    assert "555 0143" in str(plain)
    assert "555 0143" not in str(masked)


def test_what_is_exported_is_read_back_word_for_word(cli: Cli, tmp_path: Path) -> None:
    take_in(cli, REACHABLE)
    for form in ("--csv", "--json"):
        file = tmp_path / f"out{'.jsonl' if form == '--json' else '.csv'}"
        file.write_text(cli("mentions", form).out, encoding="utf-8")
        cli("import", file)

    assert cli("mentions", "--json").record["text"] == REACHABLE.text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--mask"], "--mask is for files: add --json or --csv", id="a list"),
        pytest.param(["--mask", "--csv"], "[privacy] mask is empty", id="nothing to hide"),
    ],
)
def test_a_mask_that_could_hide_nothing_is_refused(
    make_cli: MakeCli, args: list[str], said: str
) -> None:
    ran = make_cli("[privacy]\nmask = []\n")("mentions", *args, code=2)

    assert said in ran.err

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sentiment
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, take_in
from tests.earshot.world import store

# The contract, word for word.
SCORE = (
    *("text", "label", "negative", "neutral", "positive", "confidence", "lang", "model"),
    *("truncated", "unsure", "toward", "asks", "emotion", "sarcastic"),
    *("asks_probability", "wants_answer"),
)
EVALUATION = {"n", "accuracy", "macro_recall", "macro_f1", "ece", "confusion"}
EARSHOT = [sys.executable, "-c", "from earshot.cli import main; main()"]
PHRASES = """
[[sentiment.phrases]]
phrase = "sick"
means = "great"

[[sentiment.phrases]]
phrase = "killer coffee"
means = "awful coffee"
brand = "Acme"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "texts.txt"


# --- score -------------------------------------------------------------------------------------


def test_every_line_has_its_result_in_order(lone: Cli, file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfI love it\r\n\r\nI hate it\ncaf\xe9 au lait, very good")

    ran = lone("score", file, "--json")

    assert [record["text"] for record in ran.records] == [
        "I love it",
        "",
        "I hate it",
        "caf\ufffd au lait, very good",
    ]
    assert [record["label"] for record in ran.records][:3] == ["positive", None, "negative"]
    assert ran.err == "1 of 4 texts were not scored; --json says why\n"


def test_json_has_the_keys_of_the_contract_in_their_order(lone: Cli, file: Path) -> None:
    file.write_text("I love it\n\n", encoding="utf-8")

    scored, unscored = lone("score", file, "--json").records

    assert tuple(scored) == SCORE
    assert tuple(unscored) == (*SCORE, "reason")
    assert unscored["reason"]
    assert scored["confidence"] == max(scored[name] for name in ("negative", "neutral", "positive"))
    total = scored["negative"] + scored["neutral"] + scored["positive"]
    assert total == pytest.approx(1, abs=1e-4)


def test_jsonl_is_read_by_its_text_and_a_bad_line_keeps_its_place(lone: Cli, file: Path) -> None:
    lines = ['{"text": "I love it", "id": 7}', "nonsense", "{}", '{"text": "I hate it"}']
    file.write_text("\n".join(lines), encoding="utf-8")

    ran = lone("score", file, "--json", code=1)

    records = ran.records
    assert ran.err == (
        "earshot: 2 of 4 rows were refused: they hold no text; --json says why, mend them\n"
    )
    assert [record["label"] for record in records] == ["positive", None, None, "negative"]
    assert [record["text"] for record in records] == ["I love it", "nonsense", "{}", "I hate it"]
    assert [record.get("reason") for record in records[1:3]] == [
        "not a JSON object",
        "no text in the JSON object",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            "a.csv", '\ufefftext,lang\r\n"I love it, so\nmuch",en\r\n\r\nI hate it,\r\n', id="csv"
        ),
        pytest.param("a.csv", 'lang;Text\nen;"I love it, so\nmuch"\n;I hate it\n', id="semicolons"),
        pytest.param("a.tsv", 'id\ttext\n1\t"I love it, so much\n2\tI hate it\n', id="tsv"),
    ],
)
def test_the_text_column_of_a_table_is_scored(
    lone: Cli, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")

    records = lone("score", path, "--json").records

    assert [one["label"] for one in records] == ["positive", "negative"]
    assert (
        records[0]["text"].split()
        == '"I love it, so much'.removeprefix('"' if name == "a.csv" else "").split()
    )


def test_a_row_without_a_text_is_refused_and_keeps_its_place(lone: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,target\n1,Acme is awful,acme\n2\n3,I love it,\n", "utf-8")

    records = lone("score", path, "--json", code=1).records

    assert [one["label"] for one in records] == ["negative", None, "positive"]
    assert records[0]["toward"] is True
    assert records[1]["reason"] == "no text in the row"


def test_a_table_without_a_text_column_says_the_way_out(lone: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("I love it\nI hate it, all of it\n", "utf-8")

    ran = lone("score", path, code=1)

    assert ran.out == ""
    assert ran.err == (
        f"earshot: {path}: needs the column text in its first line; found: I love it; to score its "
        "lines as they are, pipe it to earshot score -.\n"
    )


def test_a_text_without_a_tone_is_not_refused(lone: Cli, file: Path) -> None:
    file.write_text('{"text": "I love it"}\n\n{"text": ""}\n', encoding="utf-8")

    assert [one["label"] for one in lone("score", file, "--json").records][1:] == [None, None]


def test_the_list_for_people(lone: Cli, file: Path) -> None:
    file.write_text("I love it\n\n", encoding="utf-8")

    first, second = lone("score", file).lines

    assert first.startswith("positive  0.")
    assert first.endswith("  I love it")
    assert second.startswith("- (empty text)")


def test_no_texts_are_no_results(lone: Cli, file: Path) -> None:
    file.write_text("", encoding="utf-8")

    ran = lone("score", file)

    assert (ran.out, ran.err) == ("", "")


@pytest.mark.parametrize("args", [["score", "-", "--json"], ["score", "--json"]])
def test_standard_input(lone: Cli, args: list[str]) -> None:
    program = [sys.executable, "-c", "from earshot.cli import main; main()"]

    done = subprocess.run(
        [*program, "--config", lone.config, *args],
        input=b"I love it\rso much\nI hate \xff it\n",
        capture_output=True,
        check=True,
    )

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["text"] for record in records] == ["I love it\rso much", "I hate \ufffd it"]
    assert done.stderr == b""


def test_trying_the_model_takes_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("I love it\n", "utf-8")
    run = [sys.executable, "-c", "from earshot.cli import main; main()"]

    done = subprocess.run(
        [*run, "score", "texts.txt", "--json"], cwd=tmp_path, capture_output=True, check=True
    )
    named = subprocess.run(
        [*run, "--config", "none.toml", "score", "texts.txt"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert json.loads(done.stdout)["model"].startswith("bundled@")
    assert named.returncode == 2, "a file that was asked for must be there"


def test_phrases_mean_here_what_they_mean_in_the_service(lone: Cli, file: Path) -> None:
    lone.config.write_text(lone.config.read_text("utf-8") + PHRASES, "utf-8")
    lines = [
        '{"text": "so sick!"}',
        '{"text": "Acme has killer coffee", "target": "acme"}',
        '{"text": "Bolt has killer coffee", "target": "Bolt", "lang": "en"}',
    ]
    file.write_text("\n".join(lines), "utf-8")

    sick, acme, bolt = lone("score", file, "--json").records

    assert (sick["text"], sick["label"]) == ("so sick!", "positive")
    assert (acme["text"], acme["label"]) == ("Acme has killer coffee", "negative")
    assert bolt["label"] != "negative", "a rule of one brand says nothing of another"
    assert sick["model"].startswith(f"{lone.app.classifier.name}+"), "what the service signs with"


def test_a_file_that_says_it_is_jsonl_is_read_so_from_its_first_line(
    lone: Cli, tmp_path: Path
) -> None:
    (tmp_path / "texts.jsonl").write_text('nonsense\n{"text": "I love it"}\n', "utf-8")

    first, second = lone("score", tmp_path / "texts.jsonl", "--json", code=1).records

    assert (first["text"], first["reason"]) == ("nonsense", "not a JSON object")
    assert (second["text"], second["label"]) == ("I love it", "positive")


HOSTILE = (
    *(b"", b"  ", b"\t\r", b"\x00\x00", b"I love\x00 it", b"\xff\xfe\xff", b"\x1b[2J\x07"),
    *(b"good " * 20_000, b"x" * 1_000_000, "a\u0301".encode() * 50_000, b"["),
    *("\u2028\x85\x0b\x0c".encode(), "👩\u200d👩\u200d👧".encode() * 3_000),
)


@pytest.mark.parametrize("as_json", [True, False])
def test_no_text_costs_another_its_line(lone: Cli, file: Path, *, as_json: bool) -> None:
    file.write_bytes(b"\n".join((*HOSTILE, b"I hate it")))

    ran = lone("score", file, *["--json"] * as_json)

    assert len(ran.lines) == len(HOSTILE) + 1
    last = ran.records[-1]["label"] if as_json else ran.lines[-1].split()[0]
    assert last == "negative"
    assert "\x1b" not in ran.out
    assert "\x00" not in ran.out


HOSTILE_JSON = (
    *("[]", "null", "12", '"text"', "{", "[" * 100_000, '{"text": null}', '{"text": 12e400}'),
    *('{"text": "\\ud800"}', '{"text": "I love it", "target": 12}', '{"text": "", "lang": []}'),
    *('{"text": "I love \\ud800 it", "target": "\\ud800", "lang": "\\udfff"}',),
    f'{{"text": "I love it", "id": {"9" * 5_000}, "n": 1e999}}',
)


def test_no_object_costs_another_its_line(lone: Cli, file: Path) -> None:
    file.write_text(
        "\n".join(('{"text": "fine"}', *HOSTILE_JSON, '{"text": "I hate it"}')), "utf-8"
    )

    records = lone("score", file, "--json", code=1).records

    assert len(records) == len(HOSTILE_JSON) + 2
    assert records[-1]["label"] == "negative"
    assert all(one["label"] or one["reason"] for one in records)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_a_file_in_utf_16_is_one_line(lone: Cli, file: Path, command: str, encoding: str) -> None:
    file.write_bytes("\ufefftext,label\nI love it,positive\n".encode(encoding))

    ran = lone(command, file, code=1)

    assert (ran.out, ran.err) == (
        "",
        f"earshot: {file}: is not UTF-8 text; save it as UTF-8.\n",
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("score - <&-", "standard input cannot be read: it is closed", id="closed"),
        pytest.param("score /proc/self/mem", "/proc/self/mem: Input/output error", id="reading"),
        pytest.param("score many.txt >/dev/full", "No space left on device", id="writing"),
        pytest.param("score many.txt --json | head -n 1 >&2", '{"text": "I love it"', id="pipe"),
    ],
)
def test_trouble_with_what_is_read_or_written_is_one_line(
    tmp_path: Path, command: str, said: str
) -> None:
    (tmp_path / "many.txt").write_text("I love it\n" * 100, "utf-8")
    (tmp_path / "earshot").write_text(f'exec {shlex.join(EARSHOT)} "$@"\n', "utf-8")

    done = subprocess.run(
        ["/bin/sh", "-c", f"/bin/sh ./earshot {command}"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_a_file_that_may_not_be_read_is_one_line(lone: Cli, file: Path, command: str) -> None:
    file.touch(0o000)
    assert "Permission denied" in lone(command, file, code=1).err


# --- what the model failed over ----------------------------------------------------------------


def test_what_the_model_failed_over_can_be_tried_again(cli: Cli) -> None:
    take_in(cli, replace(AWFUL, text="Acme poison awful"))
    failed = cli("mentions", "--json").record["sentiment"]

    told = cli("doctor").lines[-1]
    ran = cli("score", "--parked")

    assert told.endswith("; the model failed over 1 mentions: earshot score --parked tries again")
    assert failed["label"] is None
    assert (ran.out, ran.err) == (
        "",
        "1 mention goes back to be scored: by the service soon, or by earshot run --once\n",
    )
    assert cli("mentions", "--json").record["sentiment"] is None
    assert cli("score", "--parked").err.startswith("0 mentions go back to be scored")
    assert "score --parked" not in cli("doctor").out


@pytest.mark.parametrize("args", [["texts.txt"], ["-"], ["--json"]])
def test_trying_again_scores_no_file(cli: Cli, args: list[str]) -> None:
    ran = cli("score", "--parked", *args, code=2)
    assert "--parked takes no FILE and no --json" in ran.err


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_a_folder_and_a_missing_file_are_one_line(lone: Cli, tmp_path: Path, command: str) -> None:
    for path, said in (
        (tmp_path, "Is a directory"),
        (tmp_path / "missing", "No such file or directory"),
    ):
        ran = lone(command, path, code=1)
        assert ran.out == ""
        assert ran.err.startswith(f"earshot: {path}")
        assert said in ran.err
        assert ran.err.count("\n") == 1


# --- evaluate ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.tsv", 'id\ttext\tlabel\n1\tI love "it\tpositive\n2\tI hate it\tNegative\n'),
        pytest.param("a.csv", 'text,label\n"I love, it",positive\nI hate it,negative\n'),
        pytest.param("b.csv", "label;text\npositive;I love it\nnegative;I hate it\n"),
        pytest.param(
            "a.jsonl",
            '{"text": "I love it", "label": "positive"}\n{"text": "I hate it", '
            '"label": "negative", "x": 1}\n',
        ),
    ],
)
def test_a_labelled_file_is_measured(lone: Cli, tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    record = lone("evaluate", path, "--json").record

    assert set(record) >= EVALUATION
    assert (record["n"], record["accuracy"]) == (2, 1.0)
    assert record["confusion"]["positive"]["positive"] == 1
    assert record["confusion"]["negative"]["negative"] == 1
    assert 0 < record["accuracy_low"] < record["accuracy_high"] == 1
    assert record["macro_recall_low"] == record["macro_recall_high"] == 1


def test_phrases_are_measured_as_they_are_meant(lone: Cli, tmp_path: Path) -> None:
    lone.config.write_text(lone.config.read_text("utf-8") + PHRASES, "utf-8")
    path = tmp_path / "a.csv"
    path.write_text("text,label,target\nso sick!,positive,\n", "utf-8")

    record = lone("evaluate", path, "--json").record

    assert record["accuracy"] == 1
    assert record["model"].startswith(f"{lone.app.classifier.name}+")


def test_people_read_the_intervals_too(lone: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nI love it,positive\nI hate it,positive\n", "utf-8")

    out = lone("evaluate", path).out

    assert "accuracy      0.500 (95% interval 0.095 to 0.905)\n" in out
    assert "macro recall  0.500 (95% interval 0.000 to 1.000)\n" in out
    assert "unsure        0 (no label has half of the probability)\n" in out


def test_the_stored_scores_are_measured_on_what_people_corrected(stocked: Cli) -> None:
    awful, lovely = (
        stocked("mentions", "--json", "--brand", "acme", "--search", word).record["id"]
        for word in ("awful", "lovely")
    )
    stocked("correct", awful, "positive")
    stocked("correct", lovely, "positive", "--brand", "Acme")

    ran = stocked("evaluate", "--corrections", "--json")

    assert set(ran.record) >= EVALUATION
    assert (ran.record["n"], ran.record["accuracy"]) == (2, 0.5)
    assert ran.record["confusion"]["positive"] == {"negative": 1, "neutral": 0, "positive": 1}
    assert ran.record["model"] == "words@1"
    assert ran.err.startswith("Corrections are no random sample: ")
    assert "model         words@1\n" in stocked("evaluate", "--corrections").out


def test_without_corrections_there_is_nothing_to_measure(stocked: Cli) -> None:
    ran = stocked("evaluate", "--corrections", code=1)

    assert ran.out == ""
    assert ran.err == (
        "earshot: nobody has corrected a mention that the model has scored: "
        "see earshot correct --help\n"
    )


def test_rows_that_cannot_be_used_are_told_with_their_lines(lone: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    bad = "meh,furious\n" * 22
    path.write_text(f"text,label\nI love it,positive\n{bad}", encoding="utf-8")

    ran = lone("evaluate", path, code=1)

    assert "n             1 (0 not scored, 22 rows left out)" in ran.out
    told = ran.err.splitlines()
    assert told[0] == (
        f"earshot: {path}: line 3: label 'furious' is not negative, neutral or positive"
    )
    assert told[20:] == [
        f"earshot: {path}: and 2 more rows were left out",
        f"earshot: {path}: 22 of 23 rows were left out; mend them and do it again",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            b"text,tone\nfine,positive\n", "needs the columns text and label", id="column"
        ),
        pytest.param(
            b"  \n\n \n",
            "needs the columns text and label in its first line; found: none",
            id="blank",
        ),
        pytest.param(b"", "needs the columns text and label", id="empty"),
        pytest.param(b"text,label\n", "no usable row", id="header alone"),
        pytest.param(b"text,label\nfine,good\n", "no usable row; line 2", id="bad rows alone"),
        pytest.param(b"text,label\ncaf\xe9,positive\n", "is not UTF-8 text", id="Latin-1"),
    ],
)
def test_a_file_that_cannot_be_measured_is_one_line(
    lone: Cli, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    ran = lone("evaluate", path, code=1)

    assert ran.out == ""
    assert ran.err.startswith(f"earshot: {path}: {said}")
    assert ran.err.count("\n") == 1


TARGETED = (
    '{"text": "Acme is awful, Globex is great", "target": "Acme", "label": "negative"}',
    '{"text": "Acme is awful, Globex is great", "target": "globex", "label": "positive"}',
    '{"text": "It is awful", "target": "Acme", "label": "negative"}',
)


def test_a_target_asks_for_the_tone_toward_it(lone: Cli, tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl").write_text("\n".join(TARGETED), "utf-8")

    ran = lone("score", tmp_path / "texts.jsonl", "--json")

    found = [(one["label"], one["toward"]) for one in ran.records]
    assert found == [("negative", True), ("positive", True), ("negative", False)]


def test_targets_are_measured_and_those_not_in_the_text_told(lone: Cli, tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl").write_text("\n".join(TARGETED), "utf-8")

    ran = lone("evaluate", tmp_path / "texts.jsonl", "--json")

    assert ran.record["accuracy"] == 1
    assert "3 texts name a target; toward it: 2, of the whole text: the others" in ran.err


# --- train -------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Twenty different short texts of each label."""
    words = {"negative": "awful", "neutral": "at nine", "positive": "lovely"}
    rows = [f"{label}\tnumber {i} is {word}" for label, word in words.items() for i in range(20)]
    path = tmp_path / "own.tsv"
    path.write_text("\n".join(["label\ttext", *rows]), "utf-8")
    return path


def test_own_texts_make_a_model_that_can_be_configured(
    lone: Cli, own: Path, tmp_path: Path
) -> None:
    ran = lone("train", own, "--out", tmp_path / "mine", "--epochs", 1)

    assert ran.lines[0] == "learnt       48 texts, measured on 12 others"
    assert ran.lines[-1] == f'[sentiment] model = "{tmp_path / "mine"}"'
    made = lone.config.read_text("utf-8") + f"\n[sentiment]\nmodel = '{tmp_path / 'mine'}'\n"
    lone.config.write_text(made, "utf-8")
    program = [sys.executable, "-c", "from earshot.cli import main; main()"]
    asked = [*program, "--config", str(lone.config), "score", str(own), "--json"]
    done = subprocess.run(asked, capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[0])["model"].startswith("mine@")


def test_corrections_are_learnt_from_and_count_more_than_the_file(
    lone: Cli, own: Path, tmp_path: Path
) -> None:
    store(lone.app, replace(AWFUL, text="number 3 is awful"), now=NOW, brand="Acme")
    lone("correct", 1, "positive")

    ran = lone("train", own, "--corrections", "--out", tmp_path / "mine", "--epochs", 1, code=1)

    assert "Training needs 20 different negative texts; there are 19." in ran.err


def test_too_few_own_texts_teach_nothing(lone: Cli, tmp_path: Path) -> None:
    (tmp_path / "few.tsv").write_text("label\ttext\nnegative\tbad\n", "utf-8")

    ran = lone("train", tmp_path / "few.tsv", "--out", tmp_path / "mine", code=1)

    assert "earshot: Training needs 20 different negative texts; there are 1." in ran.err


def test_training_without_its_extra_says_how_to_get_it(
    lone: Cli, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(sentiment, "own_texts", raising=False)
    monkeypatch.setitem(sys.modules, "sentiment.own_texts", None)

    ran = lone("train", own, "--out", tmp_path / "mine", code=2)

    assert ran.err.endswith("run pip install '.[models]' here\n")

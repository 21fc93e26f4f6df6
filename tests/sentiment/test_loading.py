"""From a word in the configuration to a classifier, or to one plain sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConfigError
from domain.sentiment import Label
from sentiment import folder as model_folder
from sentiment.loading import (
    BUNDLED_FOLDER,
    ENGLISH_FOLDER,
    MULTILINGUAL_FOLDER,
    alone,
    load,
)


def test_the_bundled_model_needs_neither_torch_nor_transformers() -> None:
    program = (
        "import sys; from sentiment.loading import load;"
        "assert load().classify(['I love it', 'Me encanta este producto nuevo'])[0].label;"
        "print([m for m in ('torch', 'transformers', 'onnx') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=BUNDLED_FOLDER.parents[1],
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            {"model": "./nowhere"}, "there is no such folder, and it is not a hub id", id="folder"
        ),
        pytest.param({"model": "/no/where"}, "there is no such folder", id="absolute folder"),
        pytest.param({"runtime": "tensorflow"}, "must be one of auto, onnx, torch", id="runtime"),
        pytest.param({"device": "cuda"}, "set sentiment.device to cpu", id="device"),
        pytest.param({"runtime": "torch"}, "set sentiment.runtime to onnx", id="bundled, torch"),
        pytest.param(
            {"model": "someone/some-model", "runtime": "onnx"},
            "set sentiment.runtime to torch or auto",
            id="hub id, onnx",
        ),
        pytest.param(
            {"labels": {"LABEL_0": "negative"}}, "remove sentiment.labels", id="bundled, labels"
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        load(**arguments)
    assert "\n" not in str(caught.value)


def test_a_folder_of_ours_takes_no_labels(own_folder: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"it says itself what it gives; remove sentiment\.labels"
    ):
        load(str(own_folder), labels={"LABEL_0": Label.NEGATIVE})


def test_beside_a_folder_of_english_the_bundled_model_reads_other_languages(
    own_folder: Path,
) -> None:
    classifier = load(str(own_folder))
    english, german, finnish = classifier.classify(
        ["the phone is good", "Der Kessel ist schon wieder kaputt, nie wieder", "Kiitos paljon"]
    )
    assert english.label is not None
    assert (german.label, german.lang) == (Label.NEGATIVE, "de")
    assert finnish.reason.startswith("language fi: the tiny model reads en, ar, de")
    assert {one.model for one in (english, german, finnish)} == {classifier.name}
    assert classifier.name.startswith("tiny@")
    assert classifier.name != alone(own_folder).name, "signed by both"


@pytest.mark.parametrize("languages", [(), model_folder.described(MULTILINGUAL_FOLDER).languages])
def test_a_folder_that_reads_them_itself_stands_alone(
    own_folder: Path, languages: tuple[str, ...]
) -> None:
    described = model_folder.described(own_folder)
    model_folder.write_description(
        own_folder, described.model_copy(update={"languages": languages})
    )
    assert load(str(own_folder)).name == alone(own_folder).name


@pytest.mark.parametrize(
    "heads",
    [
        pytest.param({"tone": ["positive", "neutral", "negative"]}, id="another order"),
        pytest.param({"asks": ["complaint", "nothing"]}, id="other labels"),
        pytest.param({"tone": None}, id="no tone"),
    ],
)
def test_a_folder_that_answers_other_questions_is_refused(
    own_folder: Path, heads: dict[str, list[str] | None]
) -> None:
    path = own_folder / "model.json"
    described = json.loads(path.read_text())
    for name, labels in heads.items():
        answers = described["heads"].pop(name)
        if labels is not None:
            described["heads"][name] = answers | {"labels": labels}
    path.write_text(json.dumps(described))
    with pytest.raises(ConfigError, match="answers other questions than this version of Earshot"):
        load(str(own_folder))


def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # it would retry
    with pytest.raises(
        ConfigError, match=r"model earshot/no-such-model: cannot be downloaded"
    ) as caught:
        load("earshot/no-such-model")
    assert "\n" not in str(caught.value)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sentiment.torch_backend", raising=False)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match=r"pip install '\.\[models\]'"):
        load("someone/some-model")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(ENGLISH_FOLDER, folder)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=r"not the file model\.json names"):
        load(str(folder))


def test_a_missing_tokenizer_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(ENGLISH_FOLDER, folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"tokenizer.json: missing"):
        load(str(folder))


def test_a_broken_description_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(ENGLISH_FOLDER, folder)
    (folder / "model.json").write_text("{}")
    with pytest.raises(ConfigError, match="not a description of a model"):
        load(str(folder))

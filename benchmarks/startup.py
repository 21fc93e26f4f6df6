"""What a command costs before it does anything: processor time of the whole process, the best of N.

    python -m benchmarks.startup [--rounds 10]

Each command runs in a process of its own on a small SQLite database; beside them Python alone and
the libraries that no list can do without. All take turns, so a busy machine disturbs all alike; the
smallest time of each is what it costs undisturbed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

CONFIG = """
database = "sqlite:///{folder}/earshot.db"
[[brands]]
name = "Acme"
query = 'acme (kettle OR pot) -jobs'
competitors = ["Globex"]
[sources.hackernews]
enabled = true
[sources.rss]
enabled = true
feeds = ["https://news.example/feed.xml"]
[[alerts.rules]]
name = "negative"
answer_within = "4h"
"""
EARSHOT = "from earshot.cli import main; main()"
ALONE = {
    "python": "",
    "sqlalchemy": "import sqlalchemy.orm, sqlalchemy.dialects.sqlite",
    "sqlalchemy, pydantic and click": (
        "import sqlalchemy.orm, sqlalchemy.dialects.sqlite, click, pydantic.main"
    ),
}
COMMANDS = ("--help", "mentions --json --limit 5", "alerts list", "customers list", "check-config")


def main() -> None:
    """Make the database, take turns, print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        earshot = _world(Path(folder))
        ways = {name: ["-c", program] for name, program in ALONE.items()}
        ways |= {f"earshot {args}": [*earshot, *args.split()] for args in COMMANDS}
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, args in ways.items():
                taken[name].append(_cpu(args))
    for name, seconds in taken.items():
        sys.stdout.write(f"{name:34} {min(seconds):.3f} s\n")


def _world(folder: Path) -> list[str]:
    """A database with a few mentions; the arguments that run a command on it."""
    config, rows = folder / "config.toml", folder / "mentions.csv"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    now = datetime.now(UTC)
    lines = [
        f"reddit,t3_{n},acme kettle number {n},{(now - timedelta(hours=n)).isoformat()}"
        for n in range(50)
    ]
    rows.write_text("source,external_id,text,published_at\n" + "\n".join(lines), encoding="utf-8")
    earshot = ["-c", EARSHOT, "--config", str(config)]
    _cpu([*earshot, "import", str(rows)])
    return earshot


def _cpu(args: list[str]) -> float:
    """Seconds of processor time, user and system, of Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *args], check=True, capture_output=True)  # noqa: S603  ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()

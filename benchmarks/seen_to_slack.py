"""From the moment a post is seen until its alert stands in Slack, and what the idle service costs.

    python -m benchmarks.seen_to_slack [--posts 100] [--every 2] [--idle 60]

The real service runs as a process of its own, with the bundled model and a double of Slack on
loopback. First it idles, so that its processor time with nothing to do can be read; then posts
come in by its webhook, one every so many seconds, each by another author, and each opens an
incident. Printed is how long each took from being stored to Slack's own word that it has the
message. More than 20 in ten minutes would be a storm, so it is told not to keep that rule: the
wait that a storm makes is meant, and is not what is measured.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from net.signed import signature
from tests.alerts.slack_double import TOKEN, SlackDouble

SECRET = "a-secret-of-forty-characters-for-nobody-x"  # noqa: S105
CONFIG = """
database = "sqlite:///{folder}/earshot.db"

[[brands]]
name = "Acme"
query = "acme"

[intake.webhook]
enabled = true
listen = "127.0.0.1:{port}"
secret = "env:BENCHMARK_SECRET"

[alerts.slack]
bot_token = "env:BENCHMARK_TOKEN"
channel = "C0ALERTS"
base_url = "{slack}"

[[alerts.rules]]
name = "negative"
min_confidence = 0.5
answer_within = "4h"
"""
# The service as `earshot run` starts it, without the cap that a storm has.
SERVICE = """
import sys
from alerts import delivery_policy
from earshot.alerting import storms
storms.STORM_CAP = 10**9
sys.argv[1:] = ["--config", sys.argv[1], "run"]
from earshot.cli import main
main()
"""
TEXTS = (
    "Acme is terrible, order {} never came and nobody answers. I am so angry.",
    "Worst support ever, {} calls and Acme still has not refunded me!",
    "My Acme kettle broke after {} days. Awful quality, never again.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two posts")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds without any")
    given = parser.parse_args()
    with SlackDouble(channels=("C0ALERTS",)) as slack, tempfile.TemporaryDirectory() as folder:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = int(free.getsockname()[1])
        config = Path(folder, "config.toml")
        config.write_text(CONFIG.format(folder=folder, port=port, slack=slack.url))
        env = os.environ | {"BENCHMARK_SECRET": SECRET, "BENCHMARK_TOKEN": TOKEN}
        command = [sys.executable, "-c", SERVICE, str(config)]
        with subprocess.Popen(command, env=env) as service:  # noqa: S603  our own
            try:
                _until_it_listens(port)
                _send(port, 0)  # the model is loaded by the first
                _wait(20)
                before = _cpu_s(service.pid)
                _wait(given.idle)
                idle_s = _cpu_s(service.pid) - before
                for number in range(1, given.posts + 1):
                    _send(port, number)
                    _wait(given.every)
                _wait(10)
            finally:
                service.terminate()
        took = sorted(_seen_to_sent(f"sqlite:///{folder}/earshot.db"))[: given.posts + 1]
    _report(took, given, idle_s)


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _until_it_listens(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            _wait(0.1)
        else:
            return
    raise SystemExit("the service does not listen")


def _send(port: int, number: int) -> None:
    row = {
        "source": "forum",
        "external_id": str(number),
        "text": TEXTS[number % len(TEXTS)].format(number),
        "published_at": f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
        "author": {"id": str(number), "handle": f"author{number}", "name": ""},
    }
    body, stamp = json.dumps(row).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/x-ndjson",
        "X-Earshot-Timestamp": stamp,
        "X-Earshot-Signature": signature(SECRET, stamp, body),
    }
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as line:
        line.request("POST", "/mentions", body, headers)
        if (status := line.getresponse().status) != http.client.ACCEPTED:
            raise SystemExit(f"the webhook answered {status}")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seen_to_sent(url: str) -> list[float]:
    """Seconds from stored to sent, of each post that became an alert."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT mention.collected_at, outbox.sent_at FROM outbox"
                " JOIN incident_mention USING (incident_id)"
                " JOIN mention ON mention.id = incident_mention.mention_id"
                " WHERE outbox.kind = 'post' AND outbox.sent_at IS NOT NULL"
                " AND mention.external_id != '0'"
            )
        ).all()
    engine.dispose()
    return [
        (datetime.fromisoformat(str(sent)) - datetime.fromisoformat(str(seen))).total_seconds()
        for seen, sent in rows
    ]


def _report(took: list[float], given: argparse.Namespace, idle_s: float) -> None:
    p99 = statistics.quantiles(took, n=100, method="inclusive")[98]
    sys.stdout.write(
        f"{len(took)} alerts of {given.posts} posts, one every {given.every:g} s: "
        f"p50 {statistics.median(took):.2f} s, p99 {p99:.2f} s, longest {took[-1]:.2f} s\n"
        f"idle: {idle_s / given.idle * 60:.2f} s of processor time a minute\n"
        f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
    )


if __name__ == "__main__":
    main()

"""Sources that belong to one brand, and those that are read once for all of them."""

from pathlib import Path

import pytest

from domain.errors import ConfigError
from earshot.config.load import load
from earshot.pipeline import collect as collecting
from listener.source import EVERYTHING
from tests.conftest import MakeApp
from tests.earshot.world import NOW, Feed, mention, page, with_sources

MAIL = """
[[brands]]
name = "Bolt"
query = "bolt"

[sources.email]
enabled = true
base_url = "imaps://imap.example.org"
user = "support@acme.example"
password = "env:MAIL"
"""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", "invented")


def test_a_mailbox_of_nobody_is_read_once_and_matched_here(make_app: MakeApp) -> None:
    mails = [mention("1", "Bolt is late", source="email"), mention("2", "Hello", source="email")]
    feed = Feed("email", [page(1, *mails)])
    found = collecting.collect(with_sources(make_app(MAIL).app, feed), "email", now=NOW)
    assert [(watch.brand, watch.query) for watch, _, _ in feed.asked] == [("", EVERYTHING)]
    assert (found.fetched, found.matched) == (2, 1)


def test_all_mail_of_a_brands_own_mailbox_is_about_it(make_app: MakeApp) -> None:
    mails = [mention("1", "It is late", source="email"), mention("2", "Hello", source="email")]
    feed = Feed("email", [page(1, *mails)])
    app = with_sources(make_app(MAIL + 'brand = "bolt"\n').app, feed)
    found = collecting.collect(app, "email", now=NOW)
    assert [watch.brand for watch, _, _ in feed.asked] == ["Bolt"]
    assert (found.fetched, found.matched, found.new) == (2, 2, 2)


def test_a_source_of_a_brand_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[[brands]]\nname = "Acme"\nquery = "acme"\n{MAIL}brand = "Acmee"\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}: sources.email.brand: there is no brand 'Acmee'")

"""What an author's company says, and all that it must not change."""

from dataclasses import replace
from pathlib import Path

import pytest

from earshot.service import steps
from tests.earshot.cli.conftest import ANA, AWFUL, BEN, HOUR, NOW, Cli
from tests.earshot.world import said, store

ON_FILE = NOW - 720 * HOUR  # after the account was made
CONTACTS = f"""customer_id,name,email,tier,company,twitter,updated_at
c-1,Ana Ruiz,ana@example.org,gold,,ana,{ON_FILE:%Y-%m-%d}
c-2,Olga Owner,olga@neonlabs.example,platinum,Neon Labs,,{ON_FILE:%Y-%m-%d}
"""
AT_NEON = "Head of sales at Neon Labs"


@pytest.fixture
def known(cli: Cli, tmp_path: Path) -> Cli:
    """Ana is linked, Zoe nobody; both work at the company of another customer. Ben is on Reddit."""
    zoe = replace(ANA, id="77", handle="zoe", name="Zoe", bio=AT_NEON, created_at=None)
    posts = (
        replace(AWFUL, external_id="1", author=replace(ANA, bio=AT_NEON)),
        replace(AWFUL, external_id="2", author=zoe, conversation_id="2"),
        replace(AWFUL, external_id="3", author=replace(BEN, bio=AT_NEON), source="reddit"),
    )
    contacts = tmp_path / "contacts.csv"
    contacts.write_text(CONTACTS)
    store(cli.app, *posts, now=NOW)
    cli("customers", "import", contacts)
    steps.work(cli.app, clock=lambda: NOW)
    return cli


def test_an_authors_company_is_told_beside(known: Cli) -> None:
    company = {"name": "Neon Labs", "basis": "bio", "evidence": [f'bio: "{AT_NEON}"']}
    for mention_id in (1, 2):
        assert known("mention", mention_id, "--json").record["author"]["company"] == company
    page = known("mention", 2).out
    assert f'  company    works at Neon Labs (from bio)\n             bio: "{AT_NEON}"\n' in page
    assert known("mention", 3, "--json").record["author"]["company"] is None, "Reddit forbids it"
    shown = known("customers", "show", 1)
    assert "works at Neon Labs (from bio)" in shown.out
    [link] = known("customers", "show", 1, "--json").record["links"]
    assert link["author"]["company"] == company


def test_it_joins_nobody_to_a_customer_and_weighs_nothing(known: Cli) -> None:
    assert known("mention", 2, "--json").record["customer"] is None
    assert known("customers", "show", 2, "--json").record["links"] == []
    assert known("mention", 1, "--json").record["customer"]["tier"] == "gold"
    assert not [told for told in said(known.app).values() if "Neon" in told or "Olga" in told]


def test_a_wrong_company_is_rejected_for_good(known: Cli) -> None:
    assert known("links", "not-at", "x:zoe").err.endswith("x:zoe is not at Neon Labs\n")
    steps.work(known.app, clock=lambda: NOW)
    assert known("mention", 2, "--json").record["author"]["company"] is None
    assert known("mention", 1, "--json").record["author"]["company"] is not None
    assert "of x:zoe no company is shown" in known("links", "not-at", "x:zoe", code=1).err
    assert "no mention by x:nobody" in known("links", "not-at", "x:nobody", code=1).err

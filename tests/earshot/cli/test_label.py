from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.clock import midnight
from domain.mention import Author, Mention
from domain.sentiment import Label
from earshot.reporting import labelling
from storage import corrections
from storage.tables import CorrectionRow, LabelPostRow
from tests.earshot.cli.conftest import NOW, Cli, take_in

TEXTS = ("Acme is awful", "Acme is lovely", "Acme is perhaps\n\x1b[31mred")


@pytest.fixture
def drawn(cli: Cli) -> Cli:
    """Three posts of three people in the last whole week, and all three drawn."""
    tz = cli.app.config.tz
    monday = labelling.monday_of(NOW.astimezone(tz).date())
    at = midnight(monday, tz) - timedelta(days=2)
    take_in(
        cli,
        *(
            Mention("x", str(n), text, at, author=Author(f"a{n}", f"handle{n}"))
            for n, text in enumerate(TEXTS)
        ),
    )
    assert labelling.draw_due(cli.app, now=NOW) == 3
    return cli


def given(cli: Cli) -> list[tuple[str | None, str]]:
    with cli.app.database.read() as session:
        rows = session.execute(
            select(LabelPostRow.label, LabelPostRow.by)
            .where(LabelPostRow.at.is_not(None))
            .order_by(LabelPostRow.draw_id)
        )
        return [(label, by) for label, by in rows]


def test_posts_are_labelled_one_after_the_other(drawn: Cli) -> None:
    ran = drawn("label", "--by", "ana", typed="-\n0\n+\n")
    labels = [Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE]
    assert given(drawn) == [(label, "ana") for label in labels]
    assert "3 done, 0 left" in ran.err
    assert "nothing is to be labelled" in drawn("label").err
    with drawn.app.database.read() as session:
        assert session.scalars(select(CorrectionRow.mention_id)).all() == []
        assert corrections.against_model(session) == []


def test_nothing_tells_what_the_model_says_and_nothing_obeys_a_post(drawn: Cli) -> None:
    ran = drawn("label", typed="s\ns\ns\n")
    for text in ("awful", "lovely", "perhaps"):
        assert text in ran.out
    for tone in ("negative", "positive", "94", "90", "handle1"):
        assert tone not in ran.out
    assert "\x1b" not in ran.out + ran.err
    assert "red" in ran.out


def test_one_can_go_back_skip_and_stop(drawn: Cli) -> None:
    ran = drawn("label", "--by", "ana", typed="u\nmaybe\n-\nu\n+\ns\nq\n")
    assert "there is nothing to undo" in ran.err
    assert "write one of" in ran.err
    assert given(drawn) == [("positive", "ana"), (None, "ana")]
    assert "2 done, 1 left" in ran.err


def test_the_end_of_the_input_is_no_error(drawn: Cli) -> None:
    assert "1 done, 2 left" in drawn("label", typed="n\n").err
    assert "0 done, 2 left" in drawn("label").err


def test_the_list_says_how_far_it_has_come(drawn: Cli) -> None:
    drawn("label", "--by", "ana", typed="-\n")
    [found] = drawn("label", "--list", "--json").records
    assert found["drawn"] == 3
    assert found["waiting"] == 2
    assert (found["labelled"], found["usable"], found["error"]) == (1, 1, None)
    [line] = drawn("label", "--list").lines
    assert "3 drawn" in line
    assert "2 posts to label" in line


def test_json_and_a_nobody_are_refused(cli: Cli) -> None:
    cli("label", "--json", code=2)
    cli("label", "--by", " ", code=2)

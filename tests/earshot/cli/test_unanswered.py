from tests.earshot.cli.conftest import Cli


def test_the_list_says_who_waits_why_and_where(stocked: Cli) -> None:
    first, second, *_ = stocked("unanswered").lines
    assert "critical" in first
    assert "overdue by" in first
    assert "@ana (gold customer): Acme is awful" in first
    assert "negative, 90% sure; incident 1" in second


def test_json_has_the_mention_and_why_it_asks(stocked: Cli) -> None:
    one = stocked("unanswered", "--json").record
    assert one["text"] == "Acme is awful"
    assert one["incident"]["id"] == 1
    assert (one["asks_because"], one["severity"]) == ("negative, 90% sure", "critical")
    assert one["due_at"] == one["incident"]["due_at"]
    assert one["no_alert_because"] is None


def test_it_counts_what_is_not_shown(stocked: Cli) -> None:
    assert "1 mention waits for an answer; no alert told of 0" in stocked("unanswered").err

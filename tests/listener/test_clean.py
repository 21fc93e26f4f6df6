from datetime import UTC, datetime

import pytest

from listener.clean import link, not_ahead

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://acme.example/a?b=1#c", True),
        (" HTTP://acme.example:8080 ", True),
        ("https://[2606:2800::1]/", True),
        ("https://[::1", False),
        ("https://", False),
        ("https:///path", False),
        ("javascript:alert(1)", False),
        ("//acme.example", False),
        ("file:///etc/passwd", False),
        (7, False),
    ],
)
def test_only_what_leads_to_a_web_page_is_a_link(value: object, *, kept: bool) -> None:
    assert link(value) == (str(value).strip() if kept else "")


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        pytest.param(datetime(2026, 11, 21, 11, tzinfo=UTC), True, id="a wrong time zone"),
        pytest.param(datetime(2026, 11, 22, tzinfo=UTC), False, id="the future"),
        pytest.param(datetime(1912, 4, 15, tzinfo=UTC), True, id="an old newspaper"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), False, id="what programs write for no date"),
    ],
)
def test_a_date_that_cannot_be_true_is_when_it_was_seen(at: datetime, *, kept: bool) -> None:
    assert not_ahead(at, NOW) == (at if kept else NOW)

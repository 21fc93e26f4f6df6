import pytest

from listener.clean import link


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

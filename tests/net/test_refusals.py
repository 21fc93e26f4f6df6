from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import RemoteError
from net.refusals import (
    BadRequestError,
    FailingError,
    NotThereError,
    RateLimitedError,
    Refusal,
    RefusedError,
    name_in,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RESET = {"X-RateLimit-Reset": "1795176060"}
AFTER = {"Retry-After": "9"}
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        pytest.param(204, RemoteError, "the answer holds nothing (204)", id="204"),
        pytest.param(302, RefusedError, "refused (302); it points elsewhere", id="302"),
        pytest.param(400, BadRequestError, "refused (400)", id="400"),
        pytest.param(401, RefusedError, "refused (401); check the key", id="401"),
        pytest.param(403, RefusedError, "refused (403); check the key", id="403"),
        pytest.param(404, NotThereError, "there is no such thing (404)", id="404"),
        pytest.param(408, FailingError, "the service fails (408)", id="408"),
        pytest.param(410, NotThereError, "there is no such thing (410)", id="410"),
        pytest.param(418, RefusedError, "refused (418)", id="418"),
        pytest.param(429, RateLimitedError, "rate limited (429)", id="429"),
        pytest.param(500, FailingError, "the service fails (500)", id="500"),
        pytest.param(529, FailingError, "the service fails (529)", id="529"),
    ],
)
def test_a_status_is_one_kind_of_error_in_one_form_of_sentence(
    status: int, kind: type[RemoteError], sentence: str
) -> None:
    error = Refusal("acme", status, {}, NOW, body={}).by_status("check the key")
    assert type(error) is kind
    assert str(error).startswith(f"acme: {sentence}")
    assert error.permanent is issubclass(kind, RefusedError)


def test_a_404_of_a_gateway_says_nothing_of_the_thing() -> None:
    error = Refusal("acme", 404, {}, NOW).by_status()
    assert type(error) is RefusedError


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        pytest.param(429, RESET, MINUTE, id="the end of a limit"),
        pytest.param(429, AFTER, timedelta(seconds=9), id="seconds"),
        pytest.param(503, AFTER, timedelta(seconds=9), id="a failing service"),
        pytest.param(503, RESET, None, id="a limit says nothing of a failing service"),
        pytest.param(403, AFTER, None, id="what is refused is not waited for"),
    ],
)
def test_how_long_to_wait(status: int, headers: dict[str, str], wait: timedelta | None) -> None:
    assert Refusal("acme", status, headers, NOW).by_status().retry_after == wait
    assert Refusal("acme", status, headers, None).by_status().retry_after is None


def test_names_what_the_service_itself_calls_it() -> None:
    refusal = Refusal("acme", 403, {}, NOW, name="gated")
    error = refusal.refused(words="Not\nfor you", advice="ask")
    assert str(error) == "acme: refused (403 gated): Not for you; ask"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param({"reason": "private", "error": 403}, "private", id="reason"),
        pytest.param({"error": "InvalidRequest", "message": "no"}, "InvalidRequest", id="error"),
        pytest.param({"error": {"status": "PERMISSION_DENIED"}}, "PERMISSION_DENIED", id="within"),
        pytest.param({"error": "the key abc is wrong"}, "", id="a sentence may quote a key"),
        pytest.param({"error": 7, "code": "12"}, "", id="numbers"),
        pytest.param([], "", id="a list"),
        pytest.param(None, "", id="no JSON"),
    ],
)
def test_the_name_of_an_error_is_a_single_word(body: object, name: str) -> None:
    assert name_in(body) == name

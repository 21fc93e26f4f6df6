from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Mention
from listener.contracts import contract_of
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.linkedin.settings import LinkedInSettings
from listener.sources.linkedin.source import LinkedInSource
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAGE = "urn:li:organization:1234567"
POST = "urn:li:activity:70001"
WATCH = Watch("Acme", parse("acme"))
WITH_OWN = Watch("Acme", parse("acme"), (OwnAccount("linkedin", PAGE),))
FINDER = "/rest/organizationalEntityNotifications"


@pytest.fixture
def source(replay: Replay) -> LinkedInSource:
    given = {"brand": "Acme", "organization": "1234567", "access_token": "t"}
    return LinkedInSource(LinkedInSettings.model_validate({**given, "base_url": replay.url}))


def collect(
    source: LinkedInSource, watch: Watch = WATCH, cursor: Mapping[str, Any] | None = None
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def note(number: int, **changed: object) -> dict[str, object]:
    urn = f"urn:li:comment:({POST},{number})"
    return {
        "notificationId": number,
        "action": "COMMENT",
        "organizationalEntity": PAGE,
        "sourcePost": POST,
        "generatedActivity": f"urn:li:comment:(activity:70001,{number})",
        "decoratedGeneratedActivity": {
            "comment": {"owner": "urn:li:person:ana", "text": f"It leaks {number}", "entity": urn}
        },
        "lastModifiedAt": int((NINE + timedelta(minutes=number)).timestamp() * 1000),
        "subscriber": "urn:li:person:admin",
        **changed,
    }


def listing(*notes: object, more: bool = False) -> Answer:
    links = [{"rel": "next", "href": "/rest/…"}] if more else []
    return Answer({"elements": list(notes), "paging": {"start": 0, "count": 50, "links": links}})


def test_reads_a_comment(source: LinkedInSource, replay: Replay) -> None:
    replay.plan(listing(note(1)))
    (page,) = collect(source)
    assert page.mentions == (
        Mention(
            source="linkedin",
            external_id=f"urn:li:comment:({POST},1)",
            text="It leaks 1",
            published_at=NINE + timedelta(minutes=1),
            url=f"https://www.linkedin.com/feed/update/{POST}/",
            parent_id=POST,
            conversation_id=POST,
            author=Author("urn:li:person:ana", ""),
        ),
    )


def test_nobodys_name_is_kept_and_nothing_for_longer_than_two_days() -> None:
    contract = contract_of("linkedin")
    assert (contract.keep_authors, contract.may_link, contract.may_export) == (False, False, False)
    assert contract.retention is not None
    assert contract.retention < timedelta(hours=48)


def test_asks_as_rest_li_wants_it(source: LinkedInSource, replay: Replay) -> None:
    replay.plan(listing())
    collect(source)
    (asked,) = replay.asked
    assert asked.path == FINDER
    start = int((NOW - timedelta(hours=24)).timestamp() * 1000)
    assert asked.query == {
        "q": "criteria",
        "actions": "List(COMMENT,ADMIN_COMMENT,SHARE_MENTION)",
        "organizationalEntity": PAGE,
        "timeRange": f"(start:{start},end:{int(NOW.timestamp() * 1000)})",
        "count": "50",
        "start": "0",
    }
    assert asked.headers["linkedin-version"] == "202607"
    assert asked.headers["x-restli-protocol-version"] == "2.0.0"


def test_a_mention_whose_text_was_left_out_is_looked_up(
    source: LinkedInSource, replay: Replay
) -> None:
    share = note(
        2,
        action="SHARE_MENTION",
        generatedActivity="urn:li:share:70002",
        decoratedGeneratedActivity=None,
    )
    gone = note(3, decoratedGeneratedActivity={})
    replay.plan(listing(share, gone))
    replay.fixed["/rest/posts/urn%3Ali%3Ashare%3A70002"] = Answer({"commentary": "Our new kettle"})
    path = "/rest/socialActions/urn%3Ali%3Aactivity%3A70001/comments/3"
    replay.fixed[path] = Answer({"message": "Not found", "status": 404}, 404)
    (page,) = collect(source)
    (mention,) = page.mentions
    assert (mention.external_id, mention.text) == ("urn:li:share:70002", "Our new kettle")
    assert (mention.parent_id, mention.conversation_id) == (None, "urn:li:share:70002")
    assert page.broken == (
        f"linkedin: a notification: urn:li:comment:({POST},3) came without its text",
    )


def test_the_pages_own_answer_says_which_comment_it_answers(
    source: LinkedInSource, replay: Replay
) -> None:
    said = {"owner": PAGE, "text": "So sorry"}
    own = note(4, action="ADMIN_COMMENT", decoratedGeneratedActivity={"comment": said})
    replay.plan(listing(own))
    path = "/rest/socialActions/urn%3Ali%3Aactivity%3A70001/comments/4"
    replay.fixed[path] = Answer({"parentComment": "urn:li:comment:(activity:70001,1)"})
    (page,) = collect(source, WITH_OWN)
    assert [(one.text, one.parent_id) for one in page.mentions] == [
        ("So sorry", f"urn:li:comment:({POST},1)")
    ]
    (page,) = collect(source)
    assert page.mentions == (), "what a brand says itself is no mention"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(note(2, action="LIKE"), "it is of no kind that was asked for", id="a like"),
        pytest.param(
            note(2, lastModifiedAt=None), "it has no readable lastModifiedAt", id="no date"
        ),
        pytest.param(note(2, lastModifiedAt=10**18), "no readable lastModifiedAt", id="odd date"),
        pytest.param(
            note(2, generatedActivity="?", decoratedGeneratedActivity=None),
            "it does not say what was written",
            id="no urn",
        ),
        pytest.param(7, "it is of no kind that was asked for", id="a number"),
    ],
)
def test_one_broken_notification_is_told_and_the_rest_kept(
    source: LinkedInSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listing(note(3), broken, note(1)))
    (page,) = collect(source)
    assert [one.text for one in page.mentions] == ["It leaks 3", "It leaks 1"]
    assert len(page.broken) == 1
    assert page.broken[0].endswith(told)


def test_pages_by_number_as_long_as_a_next_one_is_named(
    source: LinkedInSource, replay: Replay
) -> None:
    replay.plan(listing(note(3), note(2), more=True), listing(note(1)))
    pages = collect(source)
    assert [asked.query["start"] for asked in replay.asked] == ["0", "2"]
    assert [len(page.mentions) for page in pages] == [2, 1]
    assert pages[-1].cursor == {
        "newest_at": "2026-11-20T09:03:00Z",
        "covered_at": "2026-11-20T12:00:00Z",
    }


def test_a_full_page_is_not_the_last_one_though_it_names_no_next(
    source: LinkedInSource, replay: Replay
) -> None:
    full = [note(number % 50, notificationId=number) for number in range(50)]
    replay.plan(
        Answer({"elements": full, "paging": {"start": 0, "count": 50}}),
        Answer({"elements": [note(1)], "paging": {"start": 50, "count": 50}}),
    )
    assert [page.fetched for page in collect(source)] == [50, 1]
    assert [asked.query["start"] for asked in replay.asked] == ["0", "50"]


def test_a_page_is_full_when_it_holds_as_many_as_linkedin_gives(
    source: LinkedInSource, replay: Replay
) -> None:
    few = Answer({"elements": [note(3), note(2)], "paging": {"start": 0, "count": 2}})
    replay.plan(few, Answer({"elements": [note(1)], "paging": {"start": 2, "count": 2}}))
    assert [page.fetched for page in collect(source)] == [2, 1]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        pytest.param(401, {"serviceErrorCode": 65601}, "was withdrawn", id="withdrawn"),
        pytest.param(401, {"code": "EXPIRED_ACCESS_TOKEN"}, "has expired", id="expired"),
        pytest.param(401, {"code": "?"}, "is refused", id="another"),
        pytest.param(
            403,
            {"serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": "canary"},
            "it needs rw_organization_admin",
            id="not allowed",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_token(
    source: LinkedInSource, replay: Replay, status: int, body: dict[str, object], told: str
) -> None:
    replay.plan(Answer({"status": status, **body}, status))
    with pytest.raises(RemoteError, match=rf"\Alinkedin: the token .*{told}") as caught:
        collect(source)
    assert caught.value.permanent
    assert "canary" not in str(caught.value)


def test_one_text_that_cannot_be_looked_up_is_told_and_the_rest_kept(
    source: LinkedInSource, replay: Replay
) -> None:
    replay.plan(listing(note(3, decoratedGeneratedActivity={}), note(1)))
    path = "/rest/socialActions/urn%3Ali%3Aactivity%3A70001/comments/3"
    replay.fixed[path] = Answer({"status": 500}, 500)
    (page,) = collect(source)
    assert [one.text for one in page.mentions] == ["It leaks 1"]
    (told,) = page.broken
    assert told.endswith("cannot be looked up: linkedin: the service fails (500)")
    for limit in (Answer({"status": 429}, 429), Answer({"status": 401}, 401), Answer(reset=True)):
        replay.fixed[path] = limit
        with pytest.raises(RemoteError):
            collect(source)


def test_a_page_that_was_away_for_months_is_a_gap(source: LinkedInSource, replay: Replay) -> None:
    replay.plan(listing())
    (page,) = collect(source, cursor={"newest_at": "2026-06-01T00:00:00Z"})
    assert page.gap is not None
    assert page.gap.reason == "linkedin: nothing older than 60 days is listed"


def test_a_version_that_was_closed_names_the_key(source: LinkedInSource, replay: Replay) -> None:
    replay.plan(Answer({"code": "NONEXISTENT_VERSION"}, 426))
    with pytest.raises(RemoteError, match=r"set sources\.linkedin\.version to a month") as caught:
        source.check()
    assert caught.value.permanent

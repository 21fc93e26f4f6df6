from typing import Any

import pytest
from sqlalchemy.orm import Session

from domain.incident import Resolution, State
from domain.sentiment import Label
from storage import corrections, deletions, listing_states, listings, noise, opinions
from storage.engine import Database
from storage.listing_states import ListingState
from tests.storage.made import DAY, HOUR, NOW, OWN, mention, open_incident, row_of, score, store

SINCE, UNTIL = NOW - DAY, NOW


def found(session: Session, model: str | None = None) -> list[ListingState]:
    return sorted(listing_states.listings(session, "Acme", since=SINCE, until=UNTIL, model=model))


def waiting(session: Session) -> int:
    """As it is counted to say whether a day is final."""
    return len(opinions.waiting(session, "Acme", since=SINCE, until=UNTIL))


def test_how_a_post_stands_as_it_is_scored_corrected_and_deleted(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        (new,) = found(session)
        assert (new.label, new.waits, new.author_id is None) == (None, True, False)
        assert waiting(session) == 1

        score(session, Label.NEUTRAL)
        (scored,) = found(session)
        assert scored == new._replace(label="neutral", waits=False)
        assert waiting(session) == 0

        one = row_of(session, "1").id
        corrections.correct(session, one, "Acme", Label.POSITIVE, by="eva", now=NOW)
        (corrected,) = found(session)
        assert corrected == scored._replace(label="positive", corrected="positive")

        deletions.purge(session, [one], now=NOW)
        assert found(session) == [corrected._replace(author_id=None, is_deleted=True)]


def test_what_is_noise_is_told_and_waits_for_nothing(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        noise.hide(session, row_of(session, "1").id, "Acme", by="eva", now=NOW)
        assert [(one.is_hidden, one.waits) for one in found(session)] == [
            (True, False),
            (False, True),
        ]
        assert waiting(session) == 1


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"is_repost": True, "parent_id": "0"}, id="plain reposts"),
        pytest.param({"published_at": SINCE - HOUR}, id="what is older"),
        pytest.param({"published_at": UNTIL}, id="what is newer"),
    ],
)
def test_is_none_of_the_window(database: Database, changed: dict[str, Any]) -> None:
    with database.begin() as session:
        store(session, mention("1", **changed))
        store(session, mention("2"), roles=OWN)
        assert (found(session), waiting(session)) == ([], 0)


def test_a_score_is_that_of_one_model(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session, Label.NEGATIVE, model="old@1")
        listings.use_model(session, "new@1")
        labels = [
            [one.label for one in found(session, model)] for model in (None, "old@1", "new@1")
        ]
        assert labels == [[None], ["negative"], [None]]
        assert waiting(session) == 1


def test_incidents_that_are_owed_no_answer_or_had_one_elsewhere(database: Database) -> None:
    closed = [
        (State.DISMISSED, ""),
        (State.RESOLVED, Resolution.NO_ANSWER_NEEDED),
        (State.RESOLVED, Resolution.ELSEWHERE),
        (State.RESOLVED, Resolution.REPLIED),
        (State.OPEN, ""),
    ]
    with database.begin() as session:
        for number, (state, resolution) in enumerate(closed):
            store(session, mention(str(number)))
            one = row_of(session, str(number)).id
            open_incident(session, one, key=f"k{number}", state=state, resolution=resolution)
        told = listing_states.incidents(session, "Acme", since=SINCE, until=UNTIL)
        assert sorted(one.how for one in told) == ["dismissed", "elsewhere", "no_answer_needed"]
        assert {one.published_at for one in told} == {NOW - HOUR}
        assert listing_states.incidents(session, "Acme", since=UNTIL, until=UNTIL + DAY) == []
        assert listing_states.incidents(session, "Globex", since=SINCE, until=UNTIL) == []

"""A complaint in a discussion on GitHub, and the own comment below it that stops the clock."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.clock import iso
from domain.incident import State
from earshot.service import scheduler
from storage.tables import IncidentRow
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import HOUR, MINUTE, NOW, Clock
from tests.net.replay import Answer, Asked, serve

ANGRY = "Acme is terrible. It never worked & nobody answers. Worst client ever!"
COMPLAINT = {
    "id": "D_1",
    "url": "https://github.com/tea/pot/discussions/1",
    "title": "Acme client",
    "bodyText": ANGRY,
    "createdAt": iso(NOW - 20 * MINUTE),
    "upvoteCount": 1,
    "author": {"login": "ana", "url": "https://github.com/ana", "databaseId": 41},
    "comments": {"totalCount": 1},
}
REPLY = {
    "id": "DC_2",
    "url": "https://github.com/tea/pot/discussions/1#discussioncomment-2",
    "bodyText": "So sorry, the next version works again.",
    "createdAt": iso(NOW + 30 * MINUTE),
    "upvoteCount": 0,
    "author": {"login": "pot-help", "url": "https://github.com/pot-help", "databaseId": 7},
    "replyTo": {"id": "DC_1"},  # what somebody else said below the complaint
    "discussion": {"id": "D_1", "repository": {"isPrivate": False}},
}


class Network:
    """GitHub with one discussion, and what the own account said."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/search/issues":
            return Answer({"total_count": 0, "incomplete_results": False, "items": []})
        if asked.path != "/graphql":
            return Answer([])
        sent = json.loads(asked.body)
        if "ids" in sent["variables"]:
            return Answer({"data": {"nodes": [{"id": one} for one in sent["variables"]["ids"]]}})
        if "login" in sent["variables"]:
            return _data("repositoryOwner", {"repositoryDiscussionComments": _listed(self.said)})
        is_about = "acme" in sent["variables"]["asked"].lower()
        return _data("search", _listed([COMPLAINT] if is_about else []))


def _listed(nodes: list[object]) -> dict[str, object]:
    ends = {"hasNextPage": False, "hasPreviousPage": False}
    return {"nodes": nodes, "pageInfo": {**ends, "endCursor": None, "startCursor": None}}


def _data(name: str, value: object) -> Answer:
    return Answer({"data": {name: value}})


def test_an_own_reply_below_a_discussion_answers_the_complaint(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "invented")
    network, clock = Network(), Clock()
    with serve() as server:
        server.by_query = network.answer
        github = f"""
        [sources.github]
        enabled = true
        token = "env:GITHUB_TOKEN"
        base_url = "{server.url}"
        """
        app = make_app(github, basic=BASIC.replace("x:1000", "github:pot-help")).app

        def incident_after(passed: timedelta) -> IncidentRow:
            clock.at += passed
            (found,) = scheduler.full_pass(app, clock=clock, wait=clock.wait).collected
            assert found.trouble == ""
            with app.database.read() as session:
                return session.scalars(select(IncidentRow)).one()

        assert incident_after(timedelta()).state == State.OPEN
        network.said = [REPLY]
        answered = incident_after(HOUR)

    assert (answered.state, answered.resolution) == (State.RESOLVED, "replied")
    assert answered.answered_at == NOW + 30 * MINUTE

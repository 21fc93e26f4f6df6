from datetime import timedelta

import pytest

from domain.customer import LinkState
from domain.lead import Counts, Lead
from domain.press import Elsewhere
from earshot.alerting import actions
from earshot.core.app import App
from earshot.reporting.leads import Found, Window, conversion, find, leads_of
from storage import link_ledger, links
from tests.conftest import Furnish, MakeApp
from tests.earshot.buyers import MORE, Buyers, fill, known, order, wants
from tests.earshot.world import DAY, NOW, live, with_words
from tests.storage.made import author_of, customer_id, open_incident

SINCE = NOW - 90 * DAY
LEADS = {"ana", "ben", "cleo", "dan", "ed", "fay", "gus", "hal", "max"}


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    made = make_app(MORE).app
    furnish("buyers", lambda: fill(made))
    return made


def found(app: App, brand: str | None = None, source: str | None = None) -> Found:
    with app.database.read() as session:
        return find(session, app.config, Window(SINCE, NOW, brand, source))


def by_name(app: App, brand: str | None = None) -> dict[str, Lead]:
    return {one.known.account.handle: one for one in found(app, brand).leads}


def test_a_lead_is_who_wants_to_buy_and_has_no_order(app: App) -> None:
    assert by_name(app).keys() == LEADS
    everyone = found(app)
    assert (everyone.ordered, everyone.refused) == (2, 1)
    assert [one.score for one in everyone.leads] == sorted(
        (one.score for one in everyone.leads), reverse=True
    )


def test_what_they_asked_stands_with_how_often_and_what_they_compare(app: App) -> None:
    ana = by_name(app)["ana"]
    assert ana.newest.text == "Acme or Globex? I'd buy either."
    assert ana.posts == 2, "two of three are near copies"
    assert (ana.first_at, ana.newest.published_at) == (NOW - 20 * DAY, NOW - 2 * DAY)
    assert (ana.known.compares_with, ana.is_question) == (("Globex",), True)
    assert ana.probability == pytest.approx(0.8)
    assert {part.name: part.points for part in ana.parts} == {
        "recency": round(30 * 0.5 ** (2 / 14)),
        "probability": 20,
        "posts": 10,
        "question": 10,
        "comparison": 10,
        "unanswered": 10,
    }


def test_an_answer_of_the_brand_is_seen_and_an_address_asks_nothing(app: App) -> None:
    people = by_name(app)
    assert people["fay"].answered
    assert people["fay"].is_question
    assert not people["ana"].answered
    assert not people["max"].is_question


def test_each_brand_has_its_own_leads_and_rivals(app: App) -> None:
    assert by_name(app, "Acme").keys() == LEADS - {"ed"}
    initech = by_name(app, "Initech")
    assert initech.keys() == {"dan", "ed"}
    assert initech["dan"].known.compares_with == ("Hooli",)
    assert by_name(app, "Acme")["dan"].known.compares_with == (), "Hooli is no rival of Acme"
    assert (by_name(app)["dan"].brands, by_name(app)["dan"].posts) == (("Acme", "Initech"), 1)


def test_the_contract_says_whether_one_may_answer(app: App) -> None:
    may = {name: one.known.may_answer for name, one in by_name(app).items()}
    assert (may["ben"], may["ana"]) == ("no", "when mentioned")
    with app.database.read() as session:
        assert not link_ledger.listing(session, source="reddit"), "nobody is linked by it"


def test_whom_the_crm_knows_without_an_order_says_so(app: App) -> None:
    people = by_name(app)
    assert all(not people[name].known.customer_ids for name in LEADS - {"gus", "hal"})
    assert len(people["gus"].known.customer_ids) == len(people["hal"].known.customer_ids) == 1


def test_who_is_ones_own_since_then_is_no_lead(app: App, make_app: MakeApp) -> None:
    assert {"ana", "ed"} < by_name(app).keys()
    staff = MORE.replace('"x:gwen_of_acme"', '"x:gwen_of_acme", "x:ana"')
    own = staff.replace('"x:initech_help"', '"x:initech_help", "x:ed"')
    assert by_name(make_app(own).app).keys() == LEADS - {"ana", "ed"}


def test_what_was_said_of_a_competitor_makes_no_lead_of_the_brand_it_becomes(
    app: App, make_app: MakeApp
) -> None:
    assert "ned" not in by_name(app)
    now_a_brand = f'{MORE}\n[[brands]]\nname = "Globex"\nquery = "globex"\n'
    assert not by_name(make_app(now_a_brand).app, "Globex")


def test_what_a_person_answered_elsewhere_is_answered(app: App) -> None:
    gus = by_name(app)["gus"]
    with app.database.begin() as session:
        other = open_incident(session, gus.newest.mention_id, brand="Initech").id
        asked = open_incident(session, gus.newest.mention_id, key="complaint:Acme:2").id
    actions.resolve(app, other, Elsewhere("phone", NOW), by="mia", now=NOW)
    assert not by_name(app)["gus"].answered, "another brand answered"
    actions.resolve(app, asked, Elsewhere("phone", NOW), by="mia", now=NOW)
    assert by_name(app)["gus"].answered
    assert by_name(app)["gus"].score == gus.score - 10


def test_one_network_alone(app: App) -> None:
    handles = [
        [one.known.account.handle for one in found(app, source=name).leads]
        for name in ("Reddit", "rss")
    ]
    assert handles == [["ben"], []]


def test_the_digest_gets_the_same_list(app: App) -> None:
    with app.database.read() as session:
        listed = leads_of(session, app.config, brand="Acme", since=SINCE, now=NOW)
    assert listed == list(found(app, "Acme").leads)


def test_a_post_of_the_last_moment_belongs_to_the_next_window(app: App) -> None:
    with app.database.read() as session:
        ben = Window(NOW - DAY, NOW, source="reddit")
        before = Window(NOW - 9 * DAY, NOW - DAY, source="reddit")
        assert len(find(session, app.config, ben).leads) == 1
        assert not find(session, app.config, before).leads


def test_a_link_that_was_taken_back_makes_a_lead_again(app: App) -> None:
    with app.database.begin() as session:
        ian = author_of(session, "x-ian").id
        [link_id] = [
            one.link.id for one in link_ledger.listing(session) if one.link.author_id == ian
        ]
        links.decide(session, link_id, LinkState.WITHDRAWN, by="eva", now=NOW)
    assert by_name(app).keys() == LEADS | {"ian"}


# --- conversion -----------------------------------------------------------------------------------


def counts(app: App, within: int, brand: str | None = None) -> Counts:
    with app.database.read() as session:
        window = Window(SINCE, NOW, brand)
        return conversion(session, app.config, window, within=timedelta(days=within)).whole.counts


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        pytest.param(5, Counts(11, 9, linked=1, ordered=0), id="ordered too late"),
        pytest.param(10, Counts(11, 9, linked=1, ordered=1), id="on the last of the days"),
        pytest.param(29, Counts(11, 10, linked=1, ordered=1), id="the days are just over"),
        pytest.param(30, Counts(11, 11), id="they are not"),
    ],
)
def test_who_ordered_within_the_days_has_come(app: App, within: int, expected: Counts) -> None:
    assert counts(app, within) == expected


def test_conversion_is_of_a_brand_too_and_never_of_who_had_ordered(app: App) -> None:
    assert counts(app, 10, "Initech") == Counts(2, 2)
    assert counts(app, 10, "Acme") == Counts(10, 8, linked=1, ordered=1)


MAY, OCTOBER = timedelta(days=190), timedelta(days=40)  # ago


def test_thirty_people_allow_a_share_and_two_accounts_of_one_person_are_one(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app(MORE).app, Buyers())
    names = [f"anna{n}" for n in range(31)]
    live(app, *(wants(name, published_at=NOW - MAY) for name in names))
    live(app, *(wants(f"otto{n}", published_at=NOW - OCTOBER) for n in range(3)))
    may = (NOW - MAY).date()
    for name in names[:4]:
        known(app, name, order(name, may + 7 * DAY))
    known(app, names[4], order(names[4], may))
    known(app, names[5])
    with app.database.begin() as session:
        second = links.find_author(session, "x", names[6])
        assert second is not None
        links.add(session, second, customer_id(session, names[0]), by="eva", now=NOW)
    with app.database.read() as session:
        found = conversion(
            session, app.config, Window(NOW - 365 * DAY, NOW), within=timedelta(days=30)
        )
    assert found.whole.counts == Counts(33, 0, linked=6, ordered=5, same_day=1)
    share = found.whole.of_all
    assert share is not None
    assert share.value == pytest.approx(5 / 33)
    assert share.low < share.value < share.high
    assert found.whole.of_linked is None, "six are too few"
    spring, autumn = found.months.values()
    assert (spring.counts.wanted, spring.of_all is None) == (30, False)
    assert (autumn.counts, autumn.of_all) == (Counts(3, 0), None)

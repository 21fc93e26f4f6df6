"""The NPS beside the NPS proxy, month by month and by segment, and what the proxy learns of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.clock import midnight
from domain.customer import CustomerRecord
from domain.mention import Author
from domain.reputation import UNCALIBRATED, NpsProxy, Status
from domain.survey import SurveyAnswer, Tally
from domain.valuation import Segment
from earshot.core.app import App
from earshot.reporting import measure, survey_months
from earshot.reporting.nps_calibration import MEASURED, months, read
from earshot.reporting.published import kept
from reputation.nps_calibration import Month, by_months
from storage import customers, snapshots, surveys
from storage.snapshots import Snapshot
from tests.conftest import Furnish, MakeApp
from tests.earshot.reporting.test_segments import store as store_valued
from tests.earshot.reporting.test_segments import valued
from tests.earshot.world import DAY, HOUR, NOW, day, live, mention, with_words

TODAY = day("2026-11-20")
MONTHS = [date(2026, month, 1) for month in range(3, 11)]
TALLIES = [(60, 40, 20 + 5 * (at % 3)) for at in range(len(MONTHS))]
PUBLIC = [(60, 80, 60 + 6 * (at % 4)) for at in range(len(MONTHS))]


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    """Forty authors: twenty praise, ten curse, ten only name the brand."""
    made = with_words(make_app().app)
    tones = ["is lovely"] * 20 + ["is awful"] * 10 + [""] * 10
    posts = [
        mention(str(n), f"Acme {tone}", author=Author(str(n), f"author{n}"))
        for n, tone in enumerate(tones)
    ]
    furnish("opinionated", lambda: live(made, *posts))
    return made


def answer(app: App, answers: Iterable[SurveyAnswer], *, system: str = "") -> None:
    with app.database.begin() as session:
        surveys.save(session, "Acme", "typeform", list(answers), system=system, now=NOW)


def asked(app: App, counts: list[tuple[int, int, int]] = TALLIES) -> None:
    """So many promoters, passives and detractors of each month."""
    for month, (up, neither, down) in zip(MONTHS, counts, strict=False):
        at = midnight(month, app.config.tz) + 3 * DAY
        scores = [9] * up + [7] * neither + [0] * down
        answer(app, (SurveyAnswer(f"{month} {n}", at, one) for n, one in enumerate(scores)))


def proxy_of(on: date, counts: tuple[int, int, int], model: str = "") -> NpsProxy:
    tally = Tally(*counts)
    return NpsProxy(
        "Acme",
        on,
        tally.net,
        None,
        None,
        tally.n,
        *tally,
        Status.OK,
        n_persons=tally.n,
        model=model,
    )


def publish(app: App, proxy: NpsProxy, kind: str = "nps") -> None:
    with app.database.begin() as session:
        payload = kept(proxy)
        snapshots.publish(
            session, Snapshot("Acme", proxy.date, kind, "UTC", "NPSp-v1", payload, ""), now=NOW
        )


def published(app: App, counts: list[tuple[int, int, int]] = PUBLIC) -> None:
    for month, one in zip(MONTHS, counts, strict=False):
        publish(app, proxy_of(month + timedelta(days=27), one))


def now(app: App, on: date = TODAY) -> NpsProxy:
    with app.database.read() as session:
        return measure.nps_of(session, "Acme", on, app.config)


def test_six_months_set_the_proxy_right_by_the_line_through_them(app: App) -> None:
    before = now(app)
    asked(app)
    published(app)

    found = now(app)

    pairs = zip(MONTHS, TALLIES, PUBLIC, strict=True)
    seen = [Month(month, Tally(*answers), Tally(*spoke)) for month, answers, spoke in pairs]
    expected = by_months(seen, Tally(20, 10, 10))
    assert expected is not None
    assert before.calibration == UNCALIBRATED
    assert (found.value, found.low, found.high, found.calibration) == (
        *(expected.value, expected.low, expected.high, expected.state),
    )
    assert found.calibration.startswith("survey-calibrated (8 months, ±")
    assert (found.raw, found.before_errors) == (before.value, False)
    assert replace(found, value=25.0, low=before.low, high=before.high) == replace(
        before, calibration=found.calibration, before_errors=False
    ), "what it rests on is as it was"


def test_the_last_published_days_are_revised_by_answers_that_come(app: App) -> None:
    later = NOW + DAY
    for back in (0, 7, 8):
        publish(app, replace(now(app), date=TODAY - timedelta(days=back)))
    asked(app)
    published(app)

    assert survey_months.set_right(app, "Acme", now=later) == 2

    expected = now(app)
    with app.database.read() as session:
        found = [
            snapshots.latest(session, "Acme", TODAY - timedelta(days=back), "nps")
            for back in (0, 7, 8)
        ]
    assert [one and (one.revision, one.reason) for one in found] == [
        (2, "answers of a survey were imported"),
        (2, "answers of a survey were imported"),
        (1, ""),
    ]
    assert found[0] is not None
    assert read(found[0].payload) == expected
    assert survey_months.set_right(app, "Acme", now=later) == 0


def test_the_line_is_told_as_what_it_is(app: App) -> None:
    asked(app, [(60, 40, 20)] * 8)
    published(app, [(60, 40, 20)] * 8)

    with app.database.read() as session:
        found = survey_months.line_of(session, "Acme", app.config, day=TODAY, model="")

    assert found is not None
    assert found.months == len(MONTHS)
    assert found.a + found.b * 100 / 3 == pytest.approx(100 / 3)


def test_no_month_counts_before_it_is_over(app: App) -> None:
    asked(app)
    published(app)

    def used(until: datetime) -> list[date]:
        with app.database.read() as session:
            found = months(session, "Acme", app.config, until=until, model="")
        return [one.first for one in found]

    end = midnight(date(2026, 11, 1), app.config.tz)
    assert used(end) == MONTHS
    assert used(end - timedelta.resolution) == MONTHS[:-1]
    assert used(midnight(MONTHS[0], app.config.tz)) == []


def test_what_an_earlier_release_published_or_another_model_said_is_not_learned_from(
    app: App,
) -> None:
    asked(app)
    for at, month in enumerate(MONTHS):
        one = proxy_of(month + timedelta(days=27), PUBLIC[at], "other@1" if at % 2 else "")
        publish(app, one if at % 2 else replace(one, n_persons=0))

    assert now(app).calibration == UNCALIBRATED


def test_the_last_published_day_of_a_month_is_taken_before_one_that_was_measured(app: App) -> None:
    asked(app)
    publish(app, proxy_of(date(2026, 3, 31), (90, 0, 10)), MEASURED)
    publish(app, proxy_of(date(2026, 4, 30), (80, 0, 20)), MEASURED)
    publish(app, proxy_of(date(2026, 4, 3), (10, 0, 90)))
    publish(app, proxy_of(date(2026, 4, 2), (0, 0, 100)))

    with app.database.read() as session:
        found = survey_months.by_month(session, "Acme", app.config, now=NOW)

    assert [one.month for one in found] == MONTHS
    assert [one.proxy_on for one in found[:3]] == [date(2026, 3, 31), date(2026, 4, 3), None]
    assert [one.beside.proxy.value for one in found[:3]] == [80, -80, None]
    assert all(one.is_over for one in found)


def test_a_months_difference_has_the_chance_of_both_sides(app: App) -> None:
    asked(app, [(60, 40, 20)])
    published(app, [(60, 80, 60)])

    with app.database.read() as session:
        [found] = survey_months.by_month(session, "Acme", app.config, now=NOW)

    one = found.beside
    assert (one.nps.n, one.proxy.n) == (120, 200)
    assert one.nps.value == pytest.approx(100 / 3)
    assert (one.proxy.value, one.difference) == (0, one.nps.value)
    assert one.difference is not None
    assert one.high is not None
    halves = [(each.high or 0) - (each.low or 0) for each in (one.nps, one.proxy)]
    assert 2 * (one.high - one.difference) == pytest.approx(sum(w**2 for w in halves) ** 0.5)


def test_below_thirty_there_is_no_number(app: App) -> None:
    asked(app, [(20, 5, 4)])
    published(app, [(60, 80, 60)])

    with app.database.read() as session:
        [found] = survey_months.by_month(session, "Acme", app.config, now=NOW)

    assert found.beside.nps == survey_months.Figure(29, None, None, None)
    assert found.beside.difference is None


def test_months_are_of_the_configured_zone(app: App) -> None:
    """In Madrid October is over an hour before it is in London."""
    late = datetime.fromisoformat("2026-10-31T23:30:00+00:00")
    answer(app, [SurveyAnswer("1", late, 9), SurveyAnswer("2", late - HOUR, 9)])

    with app.database.read() as session:
        found = survey_months.by_month(session, "Acme", app.config, now=NOW)

    assert [(one.month.month, one.beside.nps.n, one.is_over) for one in found] == [
        (10, 1, True),
        (11, 1, False),
    ]


def test_where_no_day_is_published_the_months_last_one_is_measured_and_kept(app: App) -> None:
    october = midnight(date(2026, 10, 1), app.config.tz)
    live(
        app,
        *(
            mention(f"o{n}", "Acme is awful", author=Author(f"o{n}", f"o{n}"), published_at=october)
            for n in range(35)
        ),
    )
    asked(app)
    publish(app, proxy_of(date(2026, 9, 9), (10, 10, 10)))

    done = survey_months.measure_months(app, "Acme", now=NOW)

    with app.database.read() as session:
        found = survey_months.by_month(session, "Acme", app.config, now=NOW)
        assert snapshots.latest(session, "Acme", date(2026, 10, 31), "nps") is None
    assert done == 1, "of months before anything was said there is none"
    assert [(one.proxy_on, one.beside.proxy.value) for one in found[-2:]] == [
        (date(2026, 9, 9), 0),
        (date(2026, 10, 31), -100),
    ]
    assert survey_months.measure_months(app, "Acme", now=NOW) == 0, "no post came since"


def buyers(app: App, count: int) -> dict[str, int]:
    """Customers who are on file by their handle; their ids by their own."""
    records = [
        CustomerRecord("shop", f"{n}", f"Buyer {n}", handles=(("x", f"buyer_{n}"),))
        for n in range(count)
    ]
    with app.database.begin() as session:
        customers.save(session, records, now=NOW - 900 * DAY)
        return {row.external_id: row.id for row in customers.every(session)}


def wrote(app: App, count: int) -> None:
    """Of ten buyers three praise and five curse."""
    tones = ["is lovely"] * 3 + ["is awful"] * 5 + [""] * 2
    live(
        app,
        *(
            mention(f"b{n}", f"Acme {tones[n % 10]}", author=Author(f"7{n}", f"buyer_{n}"))
            for n in range(count)
        ),
    )


def test_fifty_who_answered_and_wrote_set_it_right_where_months_do_not(app: App) -> None:
    buyers(app, 70)
    wrote(app, 70)
    scores = [10, 9, 9, 7, 7, 7, 3, 3, 9, 9]
    answer(
        app,
        (SurveyAnswer(f"{n}", NOW - n * DAY, scores[n % 10], customer=f"{n}") for n in range(60)),
    )

    found = now(app)

    # Five of ten are promoters and two detractors, of them and so of all who wrote alike.
    assert found.calibration.startswith("survey-calibrated (60 pairs, ±")
    assert found.value == pytest.approx(30)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 30 < found.high
    assert found.raw == pytest.approx(100 * (20 + 21 - 10 - 35) / 110)


def test_forty_nine_do_not(app: App) -> None:
    buyers(app, 70)
    wrote(app, 70)
    answer(app, (SurveyAnswer(f"{n}", NOW, 9, customer=f"{n}") for n in range(49)))
    answer(app, [SurveyAnswer("long ago", NOW - 91 * DAY, 9, customer="60")])
    answer(app, [SurveyAnswer("nobody", NOW, 9)])

    assert now(app).calibration == UNCALIBRATED


def test_segments_stand_beside_what_their_customers_say(app: App) -> None:
    ids = buyers(app, 80)
    wrote(app, 40)
    regulars = [valued(ids[f"{n}"], Segment.REGULAR, 2.0) for n in range(40)]
    store_valued(app, [*regulars, valued(ids["41"], Segment.EXCLUSIVE, 9.0)])
    answer(
        app,
        (
            SurveyAnswer(f"{n} {at}", NOW - at * DAY, 9 if at else 3, customer=f"{n}")
            for n in range(43)
            for at in (0, 5)
        ),
    )

    with app.database.read() as session:
        found = survey_months.by_segment(session, "Acme", app.config, day=TODAY)

    assert [(one.segment, one.beside.nps.n, one.beside.proxy.n) for one in found] == [
        ("exclusive", 1, 0),
        ("regular", 40, 40),
        ("never ordered", 2, 0),
    ]
    regular = found[1].beside
    assert (regular.nps.value, regular.proxy.value) == (-100, -20)
    assert regular.difference == pytest.approx(-80)
    assert found[0].beside.nps.value is None

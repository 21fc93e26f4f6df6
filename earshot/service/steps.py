"""Every step there is, in the one order that counts.

`run --once` takes them in this order, the scheduler each in its own time, and `doctor` tells them.
A step may be repeated at any time and doubles nothing: the database holds how far each mention has
come.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import EarshotError
from earshot.alerting import (
    answers,
    delivery,
    escalation,
    identify,
    label_offers,
    source_alarms,
    triage,
)
from earshot.alerting.delivery import Delivered
from earshot.compliance import deletions, retention
from earshot.core.app import App
from earshot.customers import companies, link, order_numbers, sync, valuation
from earshot.pipeline import collect, score
from earshot.pipeline.pages import Collected
from earshot.queries import network_counts
from earshot.reporting import digest_schedule, labelling, publishing

Clock = Callable[[], datetime]
Wait = Callable[[float], bool | None]  # True: stop now, somebody wants to end


@dataclass(slots=True)
class Round:
    """Some steps at work: with what, and what came of them."""

    app: App
    clock: Clock
    wait: Wait
    patience: timedelta = timedelta.max  # how long history may take
    is_wanted: Callable[[], bool] = lambda: False  # whether new work has come meanwhile
    once: bool = False  # nothing comes after it: stay for messages whose fate is being looked up
    collected: list[Collected] = field(default_factory=list)
    delivered: Delivered = field(default_factory=Delivered)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    what: str  # it does, for people
    run: Callable[[Round], object]
    every: timedelta | None  # it looks for work; None: only in `run --once`, or as sources say
    job: str = ""  # what has the same is done one after the other, in this order
    after_first_pass: bool = False  # it adds up what the sources have yet to bring
    needs: str = ""  # what `doctor` tries, and without which it can not go on
    then: str = ""  # the job that has work now and begins at once


def _collect(now: Round) -> None:
    now.collected += collect.collect_allowed(now.app, now=now.clock())


def _deliver(now: Round) -> None:
    send = delivery.notify_until_quiet if now.once else delivery.notify
    done = send(now.app, clock=now.clock, wait=now.wait)
    now.delivered = now.delivered.and_then(done)


def _at_its_time(do: Callable[..., object]) -> Callable[[Round], object]:
    """A step that needs the application and the instant, as most do."""
    return lambda now: do(now.app, now=now.clock())


_OFTEN, _HOURLY = timedelta(seconds=20), timedelta(hours=1)

STEPS: Sequence[Step] = (
    Step("collect", "reads the sources", _collect, None),
    Step(
        "sync",
        "reads the CRMs and shops whose time has come",
        lambda now: sync.sync_due(now.app, now=now.clock(), stop=lambda: now.wait(0)),
        timedelta(seconds=30),  # so soon where one asked us to wait; each has a time of its own
    ),
    Step(
        "score",
        "screens what is new and gives it its tone",
        _at_its_time(score.score),
        _OFTEN,
        job="work",
        needs="model",
    ),
    Step(
        "order numbers",
        "looks for the orders that new posts name",
        lambda now: order_numbers.read(now.app),
        _OFTEN,
        job="work",
    ),
    Step(
        "companies",
        "knows the companies of customers anew after an import",
        lambda now: companies.refresh(now.app),
        _OFTEN,
        job="work",
    ),
    Step(
        "link",
        "looks for the customers behind new authors",
        _at_its_time(link.link),
        _OFTEN,
        job="work",
    ),
    Step(
        "triage",
        "lets the rules open and join incidents",
        _at_its_time(triage.triage),
        _OFTEN,
        job="work",
    ),
    Step(
        "identify",
        "lets incidents follow the links of their authors, and what was promised for their sake",
        _at_its_time(identify.identify),
        _OFTEN,
        job="work",
    ),
    Step(
        "answer",
        "stops the clocks of what the brand has answered",
        _at_its_time(answers.answer),
        _OFTEN,
        job="work",
        then="deliver",
    ),
    Step(
        "escalate",
        "reminds of what nobody has answered",
        _at_its_time(escalation.escalate),
        timedelta(seconds=10),
    ),
    Step(
        "source alarms",
        "opens an incident when a source falls silent",
        _at_its_time(source_alarms.watch),
        timedelta(minutes=5),
        after_first_pass=True,
    ),
    # Apart from "work", which may score for minutes.
    Step(
        "overdue",
        "says in their messages when promises are broken",
        _at_its_time(answers.overdue),
        _OFTEN,
    ),
    Step("deliver", "sends what is owed", _deliver, timedelta(seconds=5), needs="alerts"),
    # Who has to answer is told before history is scored, which may take hours.
    Step(
        "score history",
        "scores what wakes nobody",
        lambda now: score.score_history(
            now.app, clock=now.clock, most=now.patience, is_wanted=now.is_wanted
        ),
        _OFTEN,
        job="work",
        needs="model",
    ),
    Step(
        "triage history",
        "notes what of history asks for an answer",
        _at_its_time(triage.triage_history),
        _OFTEN,
        job="work",
    ),
    Step(
        "value",
        "works out anew what customers are worth",
        _at_its_time(valuation.up_to_date),
        _HOURLY,
        after_first_pass=True,
    ),
    Step(
        "draw labels",
        "draws whose posts of the last week people label for the model's own error",
        _at_its_time(labelling.draw_due),
        _HOURLY,
        after_first_pass=True,
    ),
    Step(
        "offer labels",
        "asks the channel with buttons about the next of these posts",
        _at_its_time(label_offers.offer_due),
        _HOURLY,
        after_first_pass=True,
    ),
    Step(
        "publish",
        "stores the numbers of the last days",
        lambda now: publishing.publish_due(now.app, at=now.clock()),
        _HOURLY,
        after_first_pass=True,
    ),
    Step(
        "digest",
        "owes the digests that are due",
        _at_its_time(digest_schedule.send_due),
        timedelta(minutes=1),
        after_first_pass=True,
    ),
    Step(
        "count posts",
        "asks once a day how many posts a network itself counts of brands and competitors",
        _at_its_time(network_counts.count),
        _HOURLY,
        after_first_pass=True,
    ),
    Step(
        "deletions",
        "asks the networks what was deleted, and takes it back",
        _at_its_time(deletions.recheck),
        timedelta(minutes=5),  # so soon for own answers; other posts have their own times
    ),
    Step("deliver the digest", "sends what is owed since", _deliver, None, needs="alerts"),
    Step(
        "retention",
        "deletes what is kept longer than allowed",
        _at_its_time(retention.comply),
        _HOURLY,
        after_first_pass=True,
    ),
)


def take(steps: Iterable[Step], now: Round) -> None:
    """Take these steps in order. What one fails with stops no other and is raised at the end.

    Raises LostLockError before the next step when another worker may have begun.
    """
    failed: EarshotError | None = None
    for step in steps:
        if now.app.worker is not None:
            now.app.worker.tenure.check()
        try:
            step.run(now)
        except EarshotError as error:
            failed = failed or error
        if step.then:
            now.app.prompt(step.then)
    if failed is not None:
        raise failed


def jobs() -> dict[str, list[Step]]:
    """The steps that have a time of their own, by the job that takes them one after the other."""
    found: dict[str, list[Step]] = {}
    for step in STEPS:
        if step.every is not None:
            found.setdefault(step.job or step.name, []).append(step)
    return found


def work(app: App, *, clock: Clock, history: timedelta = timedelta.max) -> None:
    """From collected to told: score, link, triage, answer. Then history, for this long."""
    steps = [step for step in STEPS if step.job == "work"]
    take(steps, Round(app, clock, wait=lambda _: None, patience=history))

"""Keeps the steps going: one full pass, or for ever on a schedule until it is told to stop."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import EarshotError
from earshot.alerting import answers as answering
from earshot.alerting import delivery, source_alarms
from earshot.alerting import triage as triaging
from earshot.alerting.delivery import Delivered
from earshot.compliance import deletions as sweep
from earshot.compliance import retention
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.customers import link as linking
from earshot.pipeline import collect as collecting
from earshot.pipeline import score as scoring
from earshot.pipeline import stream as streaming
from earshot.pipeline import webhook
from earshot.pipeline.pages import Collected
from earshot.reporting import digest as morning
from earshot.reporting import metrics as numbers
from storage import outbox
from storage.worker_lock import only_worker

log = logging.getLogger(__name__)

WORK_EVERY = timedelta(seconds=20)
DELIVER_EVERY = timedelta(seconds=5)
STREAM_EVERY = timedelta(seconds=5)  # a stream that has ended is begun again this soon
SWEEP_EVERY = timedelta(minutes=15)
HEARING_EVERY = timedelta(minutes=5)
PUBLISH_EVERY = timedelta(hours=1)
# APScheduler drops a job that is more than 1 s late unless told otherwise. Every job here looks at
# the database for what is due, so one late run does the work of all that were missed.
GRACE_S = 3600
STOP_WITHIN_S = 10.0
HISTORY_FOR = timedelta(seconds=8)  # of each WORK_EVERY; less than what a stop waits for
# After a night off the first pass over the sources comes before what adds its results up.
SETTLE, ADDS_UP = timedelta(minutes=2), ("hearing", "digest", "publish", "comply")


def now() -> datetime:
    """The clock of everything that is not told the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Passed:
    """What one full pass brought in and out."""

    collected: Sequence[Collected]
    delivered: Delivered


def full_pass(
    app: App, *, clock: Callable[[], datetime], wait: Callable[[float], bool | None]
) -> Passed:
    """Every step once, in order. A failing source or channel stops nothing else.

    Who has to answer is told before history is scored, which may take hours.
    """
    collected = _collect_all(app, now=clock())
    work(app, clock=clock, history=timedelta())
    source_alarms.watch(app, now=clock())
    alerted = delivery.notify_until_quiet(app, clock=clock, wait=wait)
    scoring.score_history(app, clock=clock)
    publish(app, at=clock())
    morning.send_due(app, now=clock())
    sweep.sweep(app, now=clock())
    delivered = delivery.notify_until_quiet(app, clock=clock, wait=wait)
    retention.comply(app, now=clock())
    return Passed(collected, alerted.and_then(delivered))


def _collect_all(app: App, *, now: datetime) -> list[Collected]:
    """Read the sources that may be asked now; the others are told with why they are left alone."""
    rest = {name: _left_alone(app, name, now=now) for name in app.config.enabled}
    read = collecting.collect_all(app, [name for name, why in rest.items() if not why], now=now)
    return [*read, *(Collected(name, trouble=why) for name, why in rest.items() if why)]


def _left_alone(app: App, name: str, *, now: datetime) -> str:
    """Why the source is not asked now, "" when it is."""
    if circuit_breaker.may_call(app.database, name, now=now, settings=app.config.sources[name]):
        return ""
    return f"{name}: left alone after its last trouble; see earshot doctor"


def work(app: App, *, clock: Callable[[], datetime], history: timedelta = timedelta.max) -> None:
    """From collected to told: score, link, triage, answer. Then history, for this long."""
    try:
        scoring.score(app, now=clock())
    finally:  # a model in trouble keeps no answer from stopping its clock
        linking.link(app, now=clock())
        triaging.triage(app, now=clock())
        triaging.identify(app, now=clock())
        answering.answer(app, now=clock())
    scoring.score_history(app, clock=clock, most=history)


def publish(app: App, *, at: datetime) -> None:
    """Store the numbers of every brand's last days, as a new revision where late data came."""
    last = numbers.last_whole_day(at, app.config)
    for brand in app.config.brands:
        with app.database.begin() as session:
            for day in numbers.to_publish(session, brand.name, last, app.config):
                numbers.publish(session, brand.name, day, app.config, now=at)


def run_once(app: App) -> Passed:
    """One full pass by the only worker. Raises EarshotError when another one is at work."""
    with only_worker(app.database):
        _take_over(app)
        return full_pass(app, clock=now, wait=threading.Event().wait)


def run_until_stopped(app: App, *, stop: threading.Event) -> bool:
    """Keep every step going until `stop` is set; then finish what is in hand within 10 seconds.

    Returns whether everything in hand could be finished.

    Raises EarshotError when another worker is at work on the same database.
    """
    with only_worker(app.database):
        _take_over(app)
        _make_once(app)
        streaming.forget_unasked(app)
        plan = _plan(app, stop)
        scheduler = BackgroundScheduler(
            timezone=UTC,
            # A thread for every job: ten slow sources must not keep an alert waiting.
            executors={"default": {"type": "threadpool", "max_workers": len(plan)}},
            job_defaults={"misfire_grace_time": GRACE_S, "coalesce": True, "max_instances": 1},
        )
        for name, every, job in plan:
            scheduler.add_job(
                _guarded(name, job),
                "interval",
                seconds=every.total_seconds(),
                id=name,
                next_run_time=now() + (SETTLE if name in ADDS_UP else timedelta()),
            )
        scheduler.start()
        try:
            with webhook.serving(app, clock=now):
                stop.wait()
        finally:
            stop.set()  # whatever ended the service: a stream waits for nothing else
            finished = _shut_down(scheduler)
    return finished


def _plan(app: App, stop: threading.Event) -> list[tuple[str, timedelta, Callable[[], object]]]:
    """Every job with how often it looks for work."""
    plan: list[tuple[str, timedelta, Callable[[], object]]] = [
        (f"collect {name}", table.every, partial(_collect, app, name))
        for name, table in app.config.enabled.items()
    ]
    plan += [
        (f"stream {name}", STREAM_EVERY, partial(streaming.listen, app, name, stop=stop, clock=now))
        for name in streaming.names(app)
    ]
    plan += [
        ("work", WORK_EVERY, partial(work, app, clock=now, history=HISTORY_FOR)),
        ("deliver", DELIVER_EVERY, partial(delivery.notify, app, clock=now, wait=stop.wait)),
        ("hearing", HEARING_EVERY, lambda: source_alarms.watch(app, now=now())),
        ("digest", timedelta(minutes=1), lambda: morning.send_due(app, now=now())),
        ("publish", PUBLISH_EVERY, lambda: publish(app, at=now())),
        ("sweep", SWEEP_EVERY, lambda: sweep.sweep(app, now=now())),
        ("comply", PUBLISH_EVERY, lambda: retention.comply(app, now=now())),
    ]
    return plan


def _collect(app: App, name: str) -> None:
    if _left_alone(app, name, now=now()):
        return
    done = collecting.collect(app, name, now=now())
    if done.trouble:
        log.warning("source failed source=%s reason=%s", name, done.trouble)
    for told in (*done.gaps, *done.broken):
        log.warning("source told source=%s what=%s", name, told)


def _guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    """A job whose deliberate errors are one line in the log; the next run tries again."""

    def run() -> None:
        try:
            job()
        except EarshotError as error:
            log.warning("job failed job=%s reason=%s", name, error)

    return run


def _make_once(app: App) -> None:
    """Make what two jobs might else make at the same time."""
    app.sources  # noqa: B018
    app.notifier  # noqa: B018
    # That a long job is not started a second time is as it should be, and no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _take_over(app: App) -> None:
    """Nobody else is at work: what another process was sending when it died is in doubt now."""
    with app.database.begin() as session:
        outbox.release(session, now=now())


def _shut_down(scheduler: BackgroundScheduler) -> bool:
    """Let running jobs finish, within STOP_WITHIN_S: every step may be repeated."""
    scheduler.pause()
    ending = threading.Thread(target=scheduler.shutdown, daemon=True)
    ending.start()
    ending.join(STOP_WITHIN_S)
    return not ending.is_alive()


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop

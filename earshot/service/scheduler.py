"""One full pass, or every step in its own time until it is told to stop."""

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import EarshotError
from earshot.alerting import slack_doors
from earshot.core.app import App
from earshot.core.worker import Worker
from earshot.pipeline import collect as collecting
from earshot.pipeline import stream as streaming
from earshot.pipeline import webhook
from earshot.service import steps
from earshot.service.loop import Loop
from earshot.service.steps import STEPS, Clock, Round, Step, Wait
from storage import deliveries
from storage.worker_lock import LostLockError, only_worker

log = logging.getLogger(__name__)

STREAM_EVERY = timedelta(seconds=5)  # a stream that has ended is begun again this soon
# APScheduler drops a job that is more than 1 s late unless told otherwise. Every job here looks at
# the database for what is due, so one late run does the work of all that were missed.
GRACE_S = 3600
STOP_WITHIN_S = 10.0
HISTORY_FOR = timedelta(seconds=8)  # of each round of the work; less than a stop waits for
# After a night off the first pass over the sources comes before what adds its results up.
SETTLE = timedelta(minutes=2)
PROMPTED = ("work", "deliver")  # from what is stored to what the channel hears
LOCK_EVERY = timedelta(seconds=5)  # the worker looks whether it still has its lock


def now() -> datetime:
    """The clock of everything that is not told the time."""
    return datetime.now(UTC)


def full_pass(app: App, *, clock: Clock, wait: Wait) -> Round:
    """Every step once, in order. A failing source or channel stops nothing else."""
    done = Round(app, clock, wait, once=True)
    steps.take(STEPS, done)
    return done


def run_once(app: App) -> Round:
    """One full pass by the only worker. Raises EarshotError when another one is at work."""
    with at_work(app):
        return full_pass(app, clock=now, wait=threading.Event().wait)


@contextmanager
def at_work(app: App) -> Iterator[Worker]:
    """Be the only worker: what another process was sending when it died is in doubt now."""
    with only_worker(app.database) as tenure:
        # It stays: what still runs afterwards must not write once another worker has begun.
        app.worker = Worker(tenure, now())
        with app.database.begin() as session:
            deliveries.release(session, now=now())
        yield app.worker


def run_until_stopped(app: App, *, stop: threading.Event) -> bool:
    """Keep every step going until `stop` is set; then finish what is in hand within 10 seconds.

    Returns whether everything in hand could be finished.

    Raises EarshotError when another worker is at work on the same database, LostLockError when the
    lock was lost meanwhile.
    """
    with at_work(app) as worker:
        _make_once(app)
        streaming.forget_unasked(app)
        loops = _loops(app, stop)
        plan = _plan(app, stop)
        plan.append(_Job("lock", LOCK_EVERY, partial(_stop_if_lost, worker, stop)))
        scheduler = BackgroundScheduler(
            timezone=UTC,
            # A thread for every job: ten slow sources must not keep an alert waiting.
            executors={"default": {"type": "threadpool", "max_workers": len(plan)}},
            job_defaults={"misfire_grace_time": GRACE_S, "coalesce": True, "max_instances": 1},
        )
        for job in plan:
            scheduler.add_job(
                _guarded(job.name, job.run),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=now() + job.first_in,
            )
        scheduler.start()
        for loop in loops.values():
            loop.start()
        try:
            with (
                slack_doors.serving(app, clock=now) as routes,
                webhook.serving(app, routes, clock=now),
            ):
                stop.wait()
        finally:
            stop.set()  # whatever ended the service: a stream waits for nothing else
            finished = _shut_down(scheduler, loops.values())
        worker.tenure.check()
    return finished


def _stop_if_lost(worker: Worker, stop: threading.Event) -> None:
    try:
        worker.tenure.check()
    except LostLockError:
        stop.set()
        raise


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    every: timedelta
    run: Callable[[], object]
    first_in: timedelta = timedelta()


def _plan(app: App, stop: threading.Event) -> list[_Job]:
    """Every job with how often it looks for work, but for those that are prompted."""
    plan = [
        _Job(f"collect {name}", table.every, partial(_collect, app, name))
        for name, table in app.config.enabled.items()
    ]
    plan += [
        _Job(
            f"stream {name}",
            STREAM_EVERY,
            partial(streaming.listen, app, name, stop=stop, clock=now),
        )
        for name in streaming.names(app)
    ]
    for name, some in steps.jobs().items():
        if name in PROMPTED:
            continue
        every = min(step.every for step in some if step.every is not None)
        later = any(step.after_first_pass for step in some)
        run = partial(_take, app, some, stop)
        plan.append(_Job(name, every, run, SETTLE if later else timedelta()))
    return plan


def _take(app: App, some: Sequence[Step], stop: threading.Event) -> None:
    steps.take(some, Round(app, now, stop.wait))


def _loops(app: App, stop: threading.Event) -> dict[str, Loop]:
    """The jobs that are prompted when there is work for them: from what is stored to the channel.

    Everything else may wait for its time.
    """
    loops: dict[str, Loop] = {}
    jobs = steps.jobs()
    for name in PROMPTED:
        every = min(step.every for step in jobs[name] if step.every is not None)
        take = partial(_take_prompted, app, jobs[name], stop)
        loops[name] = Loop(name, every, take, stop)
    app.prompt = lambda name: loops[name].prompt()
    return loops


def _take_prompted(
    app: App, some: Sequence[Step], stop: threading.Event, is_prompted: Callable[[], bool]
) -> None:
    around = Round(app, now, stop.wait, patience=HISTORY_FOR, is_wanted=is_prompted)
    steps.take(some, around)


def _collect(app: App, name: str) -> None:
    if collecting.left_alone(app, name, now=now()):
        return
    done = collecting.collect(app, name, now=now())
    if done.trouble:
        log.warning("source failed source=%s reason=%s", name, done.trouble)
    for sentence in (*done.gaps, *done.broken):
        log.warning("source told source=%s what=%s", name, sentence)


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


def _shut_down(scheduler: BackgroundScheduler, loops: Iterable[Loop]) -> bool:
    """Let running jobs finish, within STOP_WITHIN_S: every step may be repeated."""
    until = monotonic() + STOP_WITHIN_S
    scheduler.pause()
    ending = threading.Thread(target=scheduler.shutdown, daemon=True)
    ending.start()
    ended = [loop.end(max(0.0, until - monotonic())) for loop in loops]
    ending.join(max(0.0, until - monotonic()))
    return all(ended) and not ending.is_alive()


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop

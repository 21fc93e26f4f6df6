"""Jobs that begin when there is work for them."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from domain.errors import EarshotError
from earshot.service import loop
from earshot.service.loop import Loop

HOUR = timedelta(hours=1)
LONG_S = 20.0  # no test waits so long unless it fails


class Rounds:
    """A job that says when it begins, and ends when it is let."""

    def __init__(self, *fails: Exception) -> None:
        self.fails = list(fails)
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.is_prompted: Callable[[], bool] = lambda: False

    def __call__(self, is_prompted: Callable[[], bool]) -> None:
        self.is_prompted = is_prompted
        self.begun.release()
        assert self.may_end.acquire(timeout=LONG_S)
        if self.fails:
            raise self.fails.pop(0)


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "REST_S", 0.01)


@contextmanager
def going(job: Rounds, every: timedelta = HOUR) -> Iterator[Loop]:
    stop = threading.Event()
    made = Loop("work", every, job, stop)
    made.start()
    try:
        yield made
    finally:
        stop.set()
        for _ in range(3):
            job.may_end.release()
        assert made.end(LONG_S)


def test_it_begins_at_once_and_again_when_it_is_prompted() -> None:
    job = Rounds()
    with going(job) as made:
        for _ in range(3):
            assert job.begun.acquire(timeout=LONG_S)
            job.may_end.release()
            made.prompt()


def test_it_begins_again_when_its_time_has_come() -> None:
    job = Rounds()
    with going(job, timedelta(seconds=0.02)):
        for _ in range(3):
            assert job.begun.acquire(timeout=LONG_S)
            job.may_end.release()


def test_nobody_prompts_it_and_it_rests() -> None:
    job = Rounds()
    with going(job):
        assert job.begun.acquire(timeout=LONG_S)
        job.may_end.release()
        assert not job.begun.acquire(timeout=0.2)


def test_work_that_comes_while_it_is_at_work_is_not_overlooked() -> None:
    job = Rounds()
    with going(job) as made:
        assert job.begun.acquire(timeout=LONG_S)
        assert not job.is_prompted()
        made.prompt()
        made.prompt()
        assert job.is_prompted()
        job.may_end.release()
        assert job.begun.acquire(timeout=LONG_S)
        assert not job.is_prompted()
        job.may_end.release()
        assert not job.begun.acquire(timeout=0.2)  # two prompts are one round


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (EarshotError("the model is gone"), "job failed job=work reason=the model is gone"),
        (KeyError("oops"), "job broke job=work"),
    ],
)
def test_a_round_that_fails_is_told_and_the_next_one_comes(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = Rounds(error)
    with caplog.at_level(logging.WARNING), going(job) as made:
        assert job.begun.acquire(timeout=LONG_S)
        made.prompt()
        job.may_end.release()
        assert job.begun.acquire(timeout=LONG_S)
    assert [one.getMessage() for one in caplog.records] == [told]


def test_a_round_that_does_not_end_is_not_waited_for() -> None:
    job, stop = Rounds(), threading.Event()
    made = Loop("work", HOUR, job, stop)
    made.start()
    assert job.begun.acquire(timeout=LONG_S)
    stop.set()
    assert not made.end(0.05)
    job.may_end.release()
    assert made.end(LONG_S)

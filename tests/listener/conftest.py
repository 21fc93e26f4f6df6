"""Recorded answers, the replaying server, and a clock that never sleeps."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.net.conftest import replay

__all__ = ["replay"]

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """PRAW backs off by sleeping; our own code takes `now` as an argument."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """A fixture by its name, for example x_page.json."""
    return lambda name: json.loads((FIXTURES / name).read_text("utf-8"))

"""A replaying server."""

from collections.abc import Iterator

import pytest

from tests.net.replay import Replay, serve


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serve() as server:
        yield server

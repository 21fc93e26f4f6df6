"""Many more orders than the regular suite tries: late, shuffled, edited, repeated."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.mention import Mention
from storage.engine import Database
from tests.storage.orders import ends, version

pytestmark = pytest.mark.slow


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(version(), min_size=1, max_size=16), st.data())
def test_the_same_versions_end_in_the_same_rows(
    database: Database, versions: list[Mention], data: st.DataObject
) -> None:
    orders = [data.draw(st.permutations([*versions, *versions])) for _ in range(2)]
    first, *others = ends(database, versions, *orders, pages=data.draw(st.integers(1, 6)))
    assert all(other == first for other in others)

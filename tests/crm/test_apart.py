"""A file of any size and order is read as if it were in memory at once."""

import itertools
import os
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.imports import BadRow, apart, read_customers, read_orders
from crm.imports.apart import Apart, groups
from crm.imports.reader import Row
from domain.customer import CustomerRecord, OrderRecord

KEYS = st.lists(st.sampled_from(["", "a", "b", "c", "d", "bad"]), max_size=30)
quick = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few bits that keys are taken for others, so few bytes that files are written."""
    monkeypatch.setattr(apart, "_BITS", 8)
    monkeypatch.setattr(apart, "_IN_MEMORY", 20)


def key_of(row: Row) -> str:
    return row.get("key")


@quick
@given(KEYS)
def test_all_rows_of_a_key_are_one_group(keys: list[str]) -> None:
    columns = {"key": [0]}
    rows = [
        BadRow(line, "broken") if key == "bad" else Row(line, [key, f'"x\r\n{line}'], columns)
        for line, key in enumerate(keys)
    ]
    noted = Apart()
    for row in rows:
        noted.note(key_of(row) if isinstance(row, Row) else "")

    found = list(groups(rows, key_of, noted, columns))

    assert sorted(itertools.chain(*found), key=lambda one: one.line) == rows
    of_key = Counter(key_of(one[0]) for one in found if isinstance(one[0], Row))
    assert all(count == 1 for key, count in of_key.items() if key)
    assert all(
        [row.line for row in one] == sorted(row.line for row in one)
        and len({key_of(row) if isinstance(row, Row) else "" for row in one}) == 1
        for one in found
    )


def test_rows_beside_each_other_come_as_they_stand() -> None:
    columns = {"key": [0]}
    rows = iter([Row(line, [key], columns) for line, key in enumerate(["ab", "ab", "cd", "cd"])])
    found = groups(rows, key_of, Apart(), columns)
    assert [row.line for row in next(found)] == [0, 1]
    assert [row.line for row in rows] == [3], "no more were read than it took"


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["", "1", "2", "2.0", "3", "9.1E+12"]),
        st.sampled_from(["ana", "bo@x.example", ""]),
        st.sampled_from(["01/02/2026", "02/02/2026", "soon"]),
        st.sampled_from(["10.00", "5", "0", "-5", "much"]),
        st.sampled_from(["", "10.00", "2"]),
    ),
    max_size=12,
)


@quick
@given(ORDERS, st.randoms(use_true_random=False))
def test_orders_are_the_same_in_whatever_order_their_rows_stand(
    tmp_path: Path, rows: list[tuple[str, ...]], shuffle: random.Random
) -> None:
    def read(content: list[tuple[str, ...]]) -> Counter[tuple[object, ...]]:
        lines = [",".join(row) for row in [*content, ("8", "ana", "20/02/2026", "1", "")]]
        path = tmp_path / "orders.csv"
        path.write_text("\n".join(["order_id,customer_id,date,total,refunded", *lines]), "utf-8")
        # Which of an order's rows is the first is all that their order may change.
        return Counter(
            (one.external_id, one.content, one.nth)
            if isinstance(one, OrderRecord)
            else ("bad", one.reason)
            for one in read_orders(path)
        )

    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    assert read(rows) == read(shuffled)


def test_the_rows_of_an_order_may_stand_far_apart(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = [(str(number), half) for half in ("", "4.00") for number in range(300)]
    path.write_text(
        "order_id,email,date,total,refunded\n"
        + "".join(f"{one},m@x.example,2026-05-20,10.00,{back}\n" for one, back in rows),
        encoding="utf-8",
    )
    found = [one for one in read_orders(path) if isinstance(one, OrderRecord)]
    assert [one.amount for one in found] == [6] * 300


def test_the_last_row_of_a_customer_comes_last(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("id,email,name\n7,,Ana\n8,,Bo\n,c@x.example,Cy\n7.0,,Ana Ruiz\n", "utf-8")
    found = [one for one in read_customers(path) if isinstance(one, CustomerRecord)]
    assert [one.name for one in found if one.external_id == "7"] == ["Ana", "Ana Ruiz"]


def test_equal_rows_without_an_id_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = ["ana,10.00", "bo,10.00", "ana,10.00", "ana,10.00", "ana,7.00"]
    path.write_text(
        "customer,date,amount\n" + "".join(f"{one}\n" for one in rows).replace(",", ",2026-05-20,"),
        "utf-8",
    )
    found = [one for one in read_orders(path) if isinstance(one, OrderRecord)]
    assert sorted((one.customer, int(one.amount), one.nth) for one in found) == [
        ("ana", 7, 1),
        *(("ana", 10, nth) for nth in (1, 2, 3)),
        ("bo", 10, 1),
    ]


def test_a_pipe_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("id,name\n7,Ana\n",))
    writer.start()
    export = read_customers(path)
    writer.join()
    for _ in range(2):
        assert [one.name for one in export if isinstance(one, CustomerRecord)] == ["Ana"]

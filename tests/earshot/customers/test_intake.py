"""However a file is cut into batches, ordered or repeated, the same is stored."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm.imports import BadRow, read_customers, read_orders
from domain.customer import CustomerRecord
from earshot.customers import intake
from earshot.customers.intake import Taken, take_customers, take_orders
from earshot.customers.refusals import Refusals
from storage.engine import Database
from storage.tables import CustomerRow, HandleRow, OrderRow
from tests.storage.made import NOW

PEOPLE = 6


def ignored(refused: Iterable[tuple[int, str]]) -> None:
    assert list(refused) == []


def write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def customers(folder: Path) -> Path:
    rows = [(f"c{n}", f"Mira {n}", f"m{n}@x.example", f"mira{n}") for n in range(PEOPLE)]
    rows.append(("c2", "Mira Sol", "m2@x.example", "mirasol"))
    return write(folder / "customers.csv", "id,name,email,twitter", rows)


def orders(folder: Path, shuffle: random.Random | None = None) -> Path:
    """With and without a number, some of two rows, refunds, some that are refused."""
    chance = random.Random(14)  # noqa: S311
    rows = [
        (
            f"#{number % 30}" if number % 3 else "",
            f"c{number % 3}" if number % 30 < 20 else f"m{number % 30 % 7}@x.example",
            f"2026-03-{1 + number % 30 // 10:02}",
            chance.choice(["10.00", "10.00", "-2.00", "soon"]),
        )
        for number in range(45)
    ]
    if shuffle:
        shuffle.shuffle(rows)
    return write(folder / "orders.csv", "order_id,customer_id,date,total", rows)


def take(database: Database, system: str, path: Path) -> tuple[Taken, list[str]]:
    refused: list[tuple[int, str]] = []
    export = read_orders(path, "csv", system)
    taken = take_orders(database, export.system, export, now=NOW, refuse=refused.extend)
    return taken, sorted(reason for _, reason in refused)


def stored(session: Session, system: str) -> list[tuple[object, ...]]:
    rows = session.execute(
        select(OrderRow, CustomerRow.external_id)
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .where(OrderRow.system == f"csv:{system}")
    )
    return sorted((row.key, whose, row.ordered_on, row.amount) for row, whose in rows)


def test_neither_batches_nor_the_order_of_rows_nor_repetition_matter(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    shuffle = random.Random(1)  # noqa: S311
    ways = (("whole", 2_000, None), ("single", 1, None), ("shuffled", 3, shuffle))
    for system, size, order in ways:
        monkeypatch.setattr(intake, "BATCH", size)
        export = read_customers(customers(tmp_path), "csv", system)
        taken = take_customers(database, export, now=NOW, refuse=ignored)
        assert (taken.good, taken.new, taken.known) == (PEOPLE + 1, PEOPLE, 0)
        path = orders(tmp_path, order)
        taken, refused = take(database, system, path)
        again, refused_again = take(database, system, path)
        assert (again.new, again.known, again.paid) == (0, taken.new, taken.paid)
        assert refused_again == refused
        with database.read() as session:
            results.append((taken.new, taken.paid, refused, stored(session, system)))
    assert results[0][0] > 10
    assert results[0][2]
    assert results[1:] == results[:1] * 2


def test_what_has_not_changed_is_not_written(database: Database, tmp_path: Path) -> None:
    def statements() -> list[str]:
        said: list[str] = []

        def note(*args: object) -> None:
            said.append(str(args[2]))

        event.listen(database.engine, "before_cursor_execute", note)
        export = read_customers(customers(tmp_path))
        taken = take_customers(database, export, now=NOW, refuse=ignored)
        take(database, "", orders(tmp_path))
        assert taken.good == PEOPLE + 1
        event.remove(database.engine, "before_cursor_execute", note)
        return [one for one in said if one.startswith(("INSERT", "DELETE", "UPDATE customer"))]

    assert statements()
    assert statements() == []


def test_an_import_that_was_cut_off_is_run_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut() -> Iterable[CustomerRecord | BadRow]:
        for number, row in enumerate(read_customers(customers(tmp_path))):
            if number == 4:
                raise OperationalError("disk", None, Exception())
            yield row

    monkeypatch.setattr(intake, "BATCH", 2)
    with pytest.raises(OperationalError):
        take_customers(database, cut(), now=NOW, refuse=ignored)
    export = read_customers(customers(tmp_path))
    taken = take_customers(database, export, now=NOW, refuse=ignored)
    assert (taken.new, taken.known) == (PEOPLE - 2, 2)
    with database.read() as session:
        handles = session.scalars(select(HandleRow.handle).order_by(HandleRow.handle)).all()
        assert handles == ["mira0", "mira1", "mira3", "mira4", "mira5", "mirasol"]


def test_the_first_of_many_refused_rows_are_kept_to_be_shown(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    with Refusals(file, shown=2) as refused:
        refused.add([(9, "late"), (5, "early")])
        refused.add([])
        refused.add([(3, "apart")])
    assert (refused.count, refused.first) == (3, [(3, "apart"), (5, "early")])
    beside = tmp_path / "o.refused.csv"
    assert beside.read_text(encoding="utf-8").split() == [
        "line,reason",
        "5,early",
        "9,late",
        "3,apart",
    ]
    with Refusals(file, shown=2):
        pass
    assert not beside.exists()

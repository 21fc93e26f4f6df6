"""What one cell means, and that a cell that could mean two things is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.imports import cells, dates


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("2.8", ("2.8", ""), id="plain"),
        pytest.param("1000", ("1000", ""), id="whole"),
        pytest.param("1,234.50", ("1234.50", ""), id="English"),
        pytest.param("1.234,50", ("1234.50", ""), id="German"),
        pytest.param("1\u202f234,50 €", ("1234.50", "EUR"), id="French"),
        pytest.param("CHF 1'234.50", ("1234.50", "CHF"), id="Swiss"),
        pytest.param("12,5", ("12.5", ""), id="decimal comma"),
        pytest.param("1,234,567", ("1234567", ""), id="two groups are thousands"),
        pytest.param("1.234.567,8", ("1234567.8", ""), id="groups and a decimal"),
        pytest.param("0.500", ("0.500", ""), id="no thousands begin with zero"),
        pytest.param("1234.567", ("1234.567", ""), id="four digits are no group"),
        pytest.param("$1,234.50", ("1234.50", ""), id="a dollar of some country"),
        pytest.param("£10", ("10", "GBP"), id="pound"),
        pytest.param("10 usd", ("10", "USD"), id="code behind"),
        pytest.param("-12.00", ("-12.00", ""), id="negative"),
        pytest.param("−12,00", ("-12.00", ""), id="real minus sign"),
        pytest.param("€-12", ("-12", "EUR"), id="minus behind the sign"),
        pytest.param("(12.00)", ("-12.00", ""), id="accountant's negative"),
    ],
)
def test_an_amount_is_read_in_any_clear_spelling(cell: str, expected: tuple[str, str]) -> None:
    number, currency = cells.amount(cell)

    assert (str(number), currency) == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        pytest.param("1,234", "thousands or decimals", id="comma and three digits"),
        pytest.param("1.234 €", "thousands or decimals", id="dot and three digits"),
        pytest.param("ten", "not an amount", id="word"),
        pytest.param("12 months", "not an amount|no currency", id="unit"),
        pytest.param("1.2.3", "not an amount", id="version"),
        pytest.param("1,23,4.5", "not an amount", id="odd groups"),
        pytest.param("(12", "not an amount", id="half a bracket"),
        pytest.param("NaN", "not an amount", id="not a number"),
        pytest.param("1e9", "not an amount|no currency", id="exponent"),
        pytest.param("٣", "not an amount", id="digits of another script"),
        pytest.param("9999999999999", "more than an order", id="absurd"),
        pytest.param("12,", "not an amount", id="nothing behind the comma"),
    ],
)
def test_an_amount_that_is_unclear_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cells.amount(cell)


@given(st.decimals(-(10**11), 10**11, places=2))
def test_every_amount_to_the_cent_survives_both_conventions(number: Decimal) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert cells.amount(english)[0] == cells.amount(german)[0] == number


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(cell: str) -> None:
    try:
        number, _ = cells.amount(cell)
    except ValueError:
        return
    assert number.is_finite()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("2026-03-02", date(2026, 3, 2), id="ISO"),
        pytest.param("2026-03-02T23:59:59Z", date(2026, 3, 2), id="ISO instant"),
        pytest.param("2026-03-02 3:15:52", date(2026, 3, 2), id="hour of one digit"),
        pytest.param("2026-03-02 10:00:00 +0200", date(2026, 3, 2), id="zone behind"),
        pytest.param("2026/3/2", date(2026, 3, 2), id="slashes, year first"),
        pytest.param("20260302", date(2026, 3, 2), id="compact"),
        pytest.param("13/02/2026", date(2026, 2, 13), id="only a day can be 13"),
        pytest.param("02/13/2026 6:29:00", date(2026, 2, 13), id="month first, clearly"),
        pytest.param("05/05/2026", date(2026, 5, 5), id="the same either way"),
        pytest.param("02.03.2026", date(2026, 3, 2), id="with dots the day is first"),
    ],
)
def test_a_date_is_read_in_any_clear_spelling(cell: str, expected: date) -> None:
    assert dates.day(cell) == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        pytest.param("02/03/2026", "day/month or month/day", id="two readings"),
        pytest.param("2-3-2026", "day/month or month/day", id="the same with dashes"),
        pytest.param("02/03/26", "day/month or month/day", id="two digits of a year"),
        pytest.param("25/11/26", "begin or end with the year", id="which part is the year"),
        pytest.param("26-11-25", "begin or end with the year", id="the same with dashes"),
        pytest.param("Nob 3, 2026", "not a date", id="no month"),
        pytest.param("Feb 30, 2026", "not a day", id="30 February by name"),
        pytest.param("13/13/2026", "not a day", id="no month is 13"),
        pytest.param("2026-02-30", "not a day", id="30 February"),
        pytest.param("2026-01-02junk", "not a date", id="something behind"),
        pytest.param("yesterday", "not a date", id="word"),
        pytest.param("1790000000000", "not a date", id="milliseconds"),
        pytest.param("0000-01-01", "not a day", id="year zero"),
    ],
)
def test_a_date_that_is_unclear_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        dates.day(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("'3588998496354", "3588998496354", id="guarded against spreadsheets"),
        pytest.param("123.0", "123", id="read as a number once"),
        pytest.param("#1001", "#1001", id="as it is"),
        pytest.param("", "", id="none"),
    ],
)
def test_an_id_is_the_crms_own(cell: str, expected: str) -> None:
    assert cells.identifier(cell) == expected

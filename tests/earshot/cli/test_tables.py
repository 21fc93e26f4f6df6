import pytest

from earshot.cli.tables import Column, money, number, share, show_table


def test_columns_are_aligned_as_a_terminal_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(
        [Column("name"), Column("paid", right=True), Column("why")],
        [("Ana", "5.00", "x"), ("東京", "1,000.00", ""), ("E\u0301va\x1b[2J\nB", "", "long words")],
    )
    assert capsys.readouterr().out.splitlines() == [
        "name           paid  why",
        "Ana            5.00  x",
        "東京       1,000.00",
        "E\u0301va␛[2J B            long words",
    ]


def test_figures_that_there_are_not_are_a_dash() -> None:
    assert [money(None), number(None), share(None)] == ["-", "-", "-"]
    assert [money(0.0), money(-1234.5), number(1234.567, 0), number(2)] == [
        *("0.00", "-1,234.50", "1,235", "2.00")
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0%"), (0.004, "<1%"), (0.005, "<1%"), (0.3149, "31%"), (0.996, ">99%"), (1, "100%")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value: float, said: str) -> None:
    assert share(value) == said

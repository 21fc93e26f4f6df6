import pytest

from crm.phones import is_region, numbers


@pytest.mark.parametrize(
    ("cell", "region", "expected"),
    [
        pytest.param("+49 (0)30 5550-3761", "", ["+493055503761"], id="written internationally"),
        pytest.param("0049 30 55503761", "", ["+493055503761"], id="with 00"),
        pytest.param("'+493055503761", "", ["+493055503761"], id="guarded for spreadsheets"),
        pytest.param("030 / 55503761", "DE", ["+493055503761"], id="as at home"),
        pytest.param("030 / 55503761", "", [], id="as at home, but whose home?"),
        pytest.param("030 / 55503761", "US", [], id="not of that country"),
        pytest.param("+1 201 555 0123", "DE", ["+12015550123"], id="from abroad"),
        pytest.param("tel:+34-600-003-837", "", ["+34600003837"], id="as a link"),
        pytest.param("+1 555 01234083", "", ["+155501234083"], id="of a plan not known yet"),
        pytest.param(
            "+49 30 55503761; +44 20 7946 0958", "", ["+493055503761", "+442079460958"], id="two"
        ),
        pytest.param("+49 30 55503761 ext. 12", "", ["+493055503761"], id="an extension"),
        pytest.param("+00 555 0123456", "", [], id="no country"),
        pytest.param("+49 000000000", "", [], id="a placeholder"),
        pytest.param("+49 12", "", [], id="too short"),
        pytest.param("n/a", "DE", [], id="nothing"),
        pytest.param("", "DE", [], id="empty"),
        pytest.param("call Ana, 9-5", "DE", [], id="words"),
    ],
)
def test_numbers_in_one_spelling(cell: str, region: str, expected: list[str]) -> None:
    assert list(numbers(cell, region)) == expected


def test_a_region_is_a_country_in_capitals() -> None:
    assert is_region("DE")
    assert not is_region("de")
    assert not is_region("XX")

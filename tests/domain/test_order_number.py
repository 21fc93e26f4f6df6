import pytest

from domain.order_number import keys_of, meant, shape_of

SHAPES = [("shop", "#999999"), ("shop", "AH-999999"), ("erp", "00009999")]


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ("AH-100003", "AH-999999"),
        ("#100008", "#999999"),
        ("123-1234567-1234567", "999-9999999-9999999"),
        ("row:0123456789abcdef01234567", ""),
        ("#1008:refund:0123456789ab", ""),
        ("ch_3NabcXYZ0123", ""),
        ("12", ""),
    ],
)
def test_the_shape_of_a_number(key: str, shape: str) -> None:
    assert shape_of(key) == shape


def test_a_number_means_all_that_has_its_digits() -> None:
    keys = keys_of("100008", SHAPES)
    assert keys == [("shop", "#100008"), ("shop", "AH-100008")]
    assert keys_of("ah100008", SHAPES) == keys, "people put the letters before every number"


def test_letters_of_no_shop_of_ours_mean_nothing() -> None:
    assert keys_of("xy100008", SHAPES) == []


def test_of_several_the_one_that_is_written_so_is_meant() -> None:
    assert meant("ah100008", ["#100008", "AH-100008"]) == ["AH-100008"]
    assert meant("ah100008", ["#100008"]) == ["#100008"]

"""Temperature and calibration error."""

import numpy as np
import pytest

from sentiment.calibration import expected_calibration_error, fit_temperature, softmax


def test_softmax_of_known_numbers() -> None:
    rows = softmax(np.log(np.array([[1, 2, 7]], dtype=np.float32)))
    assert rows[0].tolist() == pytest.approx([0.1, 0.2, 0.7])


def test_a_higher_temperature_is_less_sure_of_the_same_class() -> None:
    logits = np.array([[2.0, 0.0, -1.0]], dtype=np.float32)
    warm, cool = softmax(logits)[0], softmax(logits, 3.0)[0]
    assert warm.argmax() == cool.argmax() == 0
    assert cool[0] < warm[0]


def test_the_temperature_of_a_boaster_is_found() -> None:
    rng = np.random.default_rng(5)
    honest = rng.normal(size=(20_000, 3)).astype(np.float32)
    truth = np.array([rng.choice(3, p=row) for row in softmax(honest)], dtype=np.int64)
    assert fit_temperature(2 * honest, truth) == pytest.approx(2, rel=0.05)


def test_calibration_error_by_hand() -> None:
    # Two bins: 0.9 said twice and right once, 0.5 said twice and right both times.
    error = expected_calibration_error([0.9, 0.9, 0.5, 0.5], [True, False, True, True])
    assert error == pytest.approx((abs(1.8 - 1) + abs(1.0 - 2)) / 4)


@pytest.mark.parametrize(
    ("confidences", "right", "expected"),
    [
        pytest.param([], [], 0, id="nothing"),
        pytest.param([1.0, 1.0], [True, True], 0, id="certain and right"),
        pytest.param([1.0, 1.0], [False, False], 1, id="certain and wrong"),
        pytest.param([0.0], [False], 0, id="the lowest edge"),
    ],
)
def test_calibration_error_at_the_edges(
    confidences: list[float], right: list[bool], expected: float
) -> None:
    assert expected_calibration_error(confidences, right) == pytest.approx(expected)

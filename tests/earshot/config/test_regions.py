from pathlib import Path

import pytest

from alerts.masking import ALL
from earshot.config.load import load

BRAND = '[[brands]]\nname = "Acme"\nquery = "acme"\n'


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        pytest.param(BRAND, ("DE", "US", "ES", "FR", "IT", "NL", "PT"), id="nothing says"),
        pytest.param(f'timezone = "Europe/Madrid"\n{BRAND}', ("ES",), id="the zone"),
        pytest.param(f'{BRAND}languages = ["pt", "xx"]\n', ("PT", "BR"), id="a language"),
        pytest.param(f'{BRAND}[hours]\nholidays = "DE-BY"\n', ("DE",), id="holidays"),
        pytest.param(
            f'timezone = "Europe/Vienna"\n{BRAND}languages = ["de"]\n'
            'hours = { timezone = "Asia/Tokyo", holidays = "AT" }\n',
            ("AT", "JP", "DE", "CH"),
            id="all of them, each once",
        ),
    ],
)
def test_the_countries_whose_numbers_are_known(
    tmp_path: Path, text: str, regions: tuple[str, ...]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")

    assert load(path).masking.regions == regions


def test_all_that_there_is_is_hidden_as_shipped(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(BRAND, encoding="utf-8")

    assert load(path).masking.kinds == set(ALL)

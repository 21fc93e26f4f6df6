from typing import Any

import pytest

from crm.linking.names import cores, tokens
from crm.linking.places import Place, compared
from crm.linking.who import handle_level, name_level
from tests.crm.linking.people import ANA, shared_keys

FANCY = "".join(chr(0x1D5BA + ord(one) - ord("a")) for one in "ana")  # as in some profiles


@pytest.mark.parametrize(
    ("shown", "name", "level"),
    [
        ("ANA  SILVEIRA 🌻", "Silveira, Ana", "full"),
        (f"{FANCY} Silveira", "Ana Silveira (VIP)", "full"),
        ("Jörg Müller", "Joerg Mueller", "full"),
        ("Ana Silveira | Harthall", "Ana Silveira", "full"),
        ("Kate Stokes", "Katherine Stokes", "close"),
        ("Jess Ribera", "Jessica Ribera", "close"),
        ("Abel Ruiz", "Abel Ruiz López", "close"),
        ("Ana S.", "Ana Silveira", "initial"),
        ("A. Silveira", "Ana Silveira", "initial"),
        ("Ana", "Ana Silveira", "first"),
        ("Rui Silveira", "Ana Silveira", "family"),
        ("Kim Lee", "Ana Silveira", "other"),
        ("", "Ana Silveira", "nothing"),
    ],
)
def test_a_profile_is_called_as_the_record_is(shown: str, name: str, level: str) -> None:
    assert name_level(shown, tokens(name)) == level


@pytest.mark.parametrize(
    ("handle", "level"),
    [
        ("@silveira.a", "local"),
        ("anasilveira77", "spelled"),
        ("silveira_ana@social.example", "spelled"),
        ("an4s1lv31r4", "spelled"),
        ("real_anasilveira", "spelled"),
        ("asilveira", "part"),
        ("moonwalker", "else"),
        ("", "nothing"),
    ],
)
def test_a_handle_is_made_of_a_name(handle: str, level: str) -> None:
    words, locals_ = ("ana", "silveira"), frozenset(["silveiraa"])
    assert handle_level(handle, words, locals_) == level


def test_a_handle_is_read_with_figures_as_letters() -> None:
    assert "moonwalker" in cores("m00nwalker9")


@pytest.mark.parametrize(
    ("location", "city", "country", "place"),
    [
        ("Köln, Germany", "Cologne", "DE", Place.CITY),
        ("nyc 🗽", "New York", "US", Place.CITY),
        ("Brooklyn, NY", "New York", "", Place.CITY),
        ("Madrid Spain", "Madrid", "ES", Place.CITY),
        ("South London", "London", "GB", Place.CITY),
        ("🇪🇸", "Madrid", "ES", Place.COUNTRY),
        ("Deutschland", "Leeds", "United Kingdom", Place.OTHER_COUNTRY),
        ("Boston", "Leeds", "GB", Place.OTHER_CITY),
        ("the internet", "Leeds", "GB", Place.UNCLEAR),
        ("", "Leeds", "GB", Place.UNKNOWN),
        ("Leeds", "", "", Place.UNKNOWN),
    ],
)
def test_a_place_is_compared(location: str, city: str, country: str, place: Place) -> None:
    assert compared(location, "", city, country) is place


def test_a_home_in_the_bio_is_a_place() -> None:
    assert compared("", "Baker. Based in Leeds", "Leeds", "GB") is Place.CITY
    assert compared("", "Leeds born", "Leeds", "GB") is Place.UNKNOWN


@pytest.mark.parametrize(
    "known",
    [
        {"name": "Silveira Ana"},
        {"handle": "asilveira9"},
        {"handle": "silveira.a"},
        {"name": "Ana S.", "handle": "anas_ilveira"},
        {"url": "http://silveira.example"},
        {"posts": ("mail me: ana.silveira@mail.example",)},
        {"posts": ("tel 0151 12345678",)},
    ],
)
def test_a_key_leads_to_the_record(known: dict[str, Any]) -> None:
    assert shared_keys(ANA, **known)


def test_no_key_leads_to_strangers() -> None:
    assert not shared_keys(ANA, name="Kim Lee", handle="kimlee", url="https://gmail.com/x")

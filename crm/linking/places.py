"""Whether a place that an author names is a customer's city or country."""

import re
from enum import StrEnum
from functools import lru_cache

from crm.linking.names import lines, plain, squeezed


class Place(StrEnum):
    """How the author's place and the customer's stand to each other."""

    CITY = "same city"
    COUNTRY = "same country"
    OTHER_CITY = "another city"
    UNCLEAR = "unclear"  # words that are neither a known city nor a country
    OTHER_COUNTRY = "another country"
    UNKNOWN = "unknown"


_AT_HOME = "based in|live in|living in|lives in|from|home is|📍|wohne in|aus|vivo en|habite a"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SPLIT = re.compile(r"\s*[,/|·•–—&+;()]\s*|\s+-\s+|\s+(?=in\s)|(?:^|\s)in\s+|\s+and\s+|\n")
_MODIFIER = re.compile(
    r"^(?:north|south|east|west|greater|downtown|central|near|based in|inner)\s+"
)


def _listed(name: str) -> dict[str, str]:
    """What each name in a file of this folder is compared by."""
    named: dict[str, str] = {}
    for line in lines(name):
        key, _, names = line.partition("=")
        named.update((one.strip(), key) for one in names.split(","))
    return named


_BY_CITY, _BY_COUNTRY = _listed("cities.txt"), _listed("countries.txt")


@lru_cache(maxsize=50_000)
def city_key(city: str) -> str:
    """A city as it is compared: Köln, Koeln and Cologne are one."""
    written = " ".join(plain(city).split())
    return _BY_CITY.get(written) or _BY_CITY.get(_without_e(written)) or squeezed(city)


def _without_e(written: str) -> str:
    return re.sub(r"(?<=[aou])e", "", written)


@lru_cache(maxsize=50_000)
def country_key(country: str) -> str:
    """The two letters of a country by any of its names; "" where it is not known."""
    written = " ".join(plain(country).split())
    return _BY_COUNTRY.get(written) or (country.strip().upper() if len(written) == 2 else "")  # noqa: PLR2004


@lru_cache(maxsize=50_000)
def named_places(location: str) -> tuple[frozenset[str], frozenset[str]]:
    """(cities, countries) that a location may name; what is neither is among the cities."""
    countries = {
        "".join(chr(ord(one) - 0x1F1E6 + ord("A")) for one in flag)
        for flag in _FLAG.findall(location)
    }
    written = _FLAG.sub(" , ", location)
    cities: set[str] = set()
    for part in filter(None, map(_clean, _SPLIT.split(written))):
        country = _BY_COUNTRY.get(part)
        if country:
            countries.add(country)
        if not country or part in _BY_CITY:
            cities.add(city_key(part))
            cities.update(_last_is_country(part, countries))
    return frozenset(cities - {""}), frozenset(countries)


def _clean(part: str) -> str:
    letters = "".join(one for one in plain(part) if one.isalnum() or one in " .'-")
    return _MODIFIER.sub("", " ".join(letters.split()).strip(" -"))


def _last_is_country(part: str, countries: set[str]) -> set[str]:
    """Of "madrid spain" without a comma the city; the country is noted."""
    words = part.split()
    for cut in range(1, len(words)):
        country = _BY_COUNTRY.get(" ".join(words[cut:]))
        if country:
            countries.add(country)
            return {city_key(" ".join(words[:cut]))}
    return set()


def compared(location: str, bio: str, city: str, country: str) -> Place:
    """How the place in a profile stands to a customer's city and country."""
    cities, countries = named_places(location)
    wanted, land = city_key(city), country_key(country)
    if wanted and (wanted in cities or _in_bio(bio, city)):
        return Place.CITY
    if land and countries:
        return Place.COUNTRY if land in countries else Place.OTHER_COUNTRY
    if not wanted or not cities:
        return Place.UNKNOWN
    return Place.OTHER_CITY if cities & _KNOWN else Place.UNCLEAR


_KNOWN = frozenset(_BY_CITY.values())


def _in_bio(bio: str, city: str) -> bool:
    """A bio says so in plain words: "based in Leeds", "📍 Leeds"; "Leeds born" is no home."""
    if len(city) < 3 or not bio:  # noqa: PLR2004
        return False
    name = re.escape(plain(city))
    return re.search(rf"(?:{_AT_HOME})\s*{name}(?!\w)", plain(bio)) is not None

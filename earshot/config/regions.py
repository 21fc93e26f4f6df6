"""In which countries a brand's people and those who write of it are, as far as settings tell."""

from collections.abc import Iterator
from importlib.resources import files

from earshot.config.tables import TopLevel

# Where most who write a language live, so whose way of writing phone numbers is to be expected.
HOMES = {
    "de": ("DE", "AT", "CH"),
    "en": ("US", "GB"),
    "es": ("ES", "MX"),
    "fr": ("FR",),
    "it": ("IT",),
    "nl": ("NL",),
    "pt": ("PT", "BR"),
}
# Where nothing tells: the first country of each.
ANYWHERE = tuple(homes[0] for homes in HOMES.values())


def regions_of(top: TopLevel) -> tuple[str, ...]:
    """The countries (ISO 3166) of the office hours, the zones and the languages, each once."""
    return tuple(dict.fromkeys(_told(top))) or ANYWHERE


def _told(top: TopLevel) -> Iterator[str]:
    hours = [one for one in (top.hours, *(brand.hours for brand in top.brands)) if one is not None]
    for one in hours:
        if one.holidays is not None:
            yield one.holidays.partition("-")[0].upper()
    for zone in (top.timezone, *(one.timezone for one in hours)):
        yield from _country_of(zone)
    for brand in top.brands:
        for language in brand.languages:
            yield from HOMES.get(language, ())


def _country_of(zone: str | None) -> Iterator[str]:
    """By the table that comes with the zones; UTC and the like are in none."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        country, _, rest = line.partition("\t")
        if not line.startswith("#") and rest.split("\t")[1] == zone:
            yield country

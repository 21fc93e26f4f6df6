"""Public holidays, by country and part of it, as the library `holidays` knows them."""

from collections.abc import Collection, Container
from datetime import date

from domain.errors import ConfigError


def public_holidays(code: str, further: Collection[date] = ()) -> Container[date]:
    """The public holidays of "DE" or "DE-BY" in any year, and these further days.

    Raises ConfigError when the library does not know the country or its part.
    """
    import holidays  # noqa: PLC0415  a quarter of a second, and few configurations name one

    country, _, part = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise ConfigError(
            f"{code!r} is no country, or part of one, whose holidays are known: write for example "
            "DE or DE-BY"
        ) from error
    found.update(dict.fromkeys(further, "closed"))
    return found

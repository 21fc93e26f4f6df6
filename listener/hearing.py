"""Whether a source hears several brands alike, so that they can be compared by what it brings.

Each function gives the reason why it does not, as a sentence for people; "" when it does.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from listener.settings import OneBrandSettings, SourceSettings
from listener.source import Watch

Unlike = Callable[[SourceSettings, Sequence[Watch]], str]

_SHORT = 3  # letters of a name that also begins other words


def anybody(_settings: SourceSettings, _watches: Sequence[Watch]) -> str:
    """For a source that searches everywhere."""
    return ""


def mailboxes(_settings: SourceSettings, _watches: Sequence[Watch]) -> str:
    return "what is written to your own mailboxes is written to nobody else's"


def one_brand(settings: SourceSettings, watches: Sequence[Watch]) -> str:
    """For a page, a profile or an account of one brand."""
    brand = settings.brand if isinstance(settings, OneBrandSettings) else ""
    others = [one.brand for one in watches if one.brand.casefold() != brand.casefold()]
    return f"all there is about {brand}" if brand and others else ""


def apps(settings: SourceSettings, watches: Sequence[Watch]) -> str:
    """For the reviews of apps, each of which is of one brand."""
    given: dict[str, str] = getattr(settings, "apps", {})
    having = {brand.casefold() for brand in given.values()}
    return _lacking(watches, lambda one: one.brand.casefold() in having, "no app there is of")


def places(
    of: Callable[[SourceSettings], Iterable[str]], what: str, *, own: bool = False
) -> Unlike:
    """For places that are given: those of all, or those that are called after one brand.

    what: such a place is called for people. own: those that are called after nobody are taken for
    the brand's own, too.
    """

    def unlike(settings: SourceSettings, watches: Sequence[Watch]) -> str:
        given = list(of(settings))
        having = [one for one in watches if any(is_called(it, one.brand) for it in given)]
        if not having and not own:
            return ""
        return _lacking(watches, lambda one: one in having, f"no {what} there is called after")

    return unlike


def is_called(place: str, name: str) -> bool:
    """Whether a word of the place's name or address begins with the name: r/AcmeHelp is Acme's."""
    letters = "".join(filter(str.isalnum, name.casefold()))
    for word in re.split(r"[\W_]+", place.casefold()):
        if word == letters or (len(letters) >= _SHORT and word.startswith(letters)):
            return True
    return False


def _lacking(watches: Sequence[Watch], has: Callable[[Watch], bool], what: str) -> str:
    lacking = [one.brand for one in watches if not has(one)]
    return f"{what} {' or '.join(lacking)}" if lacking else ""

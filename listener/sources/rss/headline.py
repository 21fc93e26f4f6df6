"""Title and text of an entry as one text, in which the headline stands once."""

import re

_LONGEST = 500  # characters of a headline; a longer title is a text
_SITE = re.compile(r"\s[-–—|·]\s(?=[^-–—|·]+$)")  # before the site's name, behind a headline
_BETWEEN = " \n\t\xa0-–—|·:.…"


def joined(title: str, body: str) -> str:
    """Many feeds repeat the headline where the text belongs, or cut the title out of the text."""
    if not title or not body or len(title) > _LONGEST:
        return "\n\n".join(filter(None, [title, body if body != title else ""]))
    headline, site = _parted(title)
    for said in (title, headline):
        ends = _behind(said, body)
        if ends is None:
            continue
        rest = body[ends:].strip(_BETWEEN)
        if rest.casefold() in ("", site.casefold()):
            return title
        if said == title:
            return body
        return f"{title}\n\n{rest}"
    return f"{title}\n\n{body}"


def _parted(title: str) -> tuple[str, str]:
    """A headline, and the name of the site that is written behind it."""
    found = _SITE.search(title)
    return (title[: found.start()], title[found.end() :]) if found else (title, "")


def _behind(said: str, body: str) -> int | None:
    """Where these words end with which the text begins; None where it does not."""
    parts = said.rstrip("….").split()
    found = re.match(r"\s*" + r"\s+".join(map(re.escape, parts)), body, re.IGNORECASE)
    return found.end() if found and parts else None

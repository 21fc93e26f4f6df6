"""The morning digest as one self-contained HTML file, for mail clients, browsers and phones."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts import charts, digest_words
from alerts.digest_blocks import digest_blocks
from alerts.digest_compose import view
from alerts.digest_text import digest_text
from alerts.escape import clean, cut
from domain.digest import Digest
from domain.network import Networks

__all__ = ["digest_blocks", "digest_html", "digest_text"]

MAX_BYTES = 98_000  # Gmail hides what follows its first 102 kB


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each kind is shown; text is characters of a quote."""

    incidents: int
    quotes: int
    text: int
    voices: int
    sources: int
    gaps: int


_ROOMS = (Room(10, 5, 320, 8, 20, 5), Room(8, 3, 200, 8, 12, 2), Room(5, 2, 120, 5, 6, 1))


def digest_html(digest: Digest, networks: Networks) -> str:
    """The whole file: no script, nothing loaded from anywhere, readable without its <style>.

    As roomy as a mail may be: a crowded day shows fewer of each kind and says how many more.
    """
    template, words = _environment().get_template("digest.html.j2"), view(digest, networks)
    html = ""
    for room in _ROOMS:
        html = template.render(d=words, room=room)
        if len(html.encode()) <= MAX_BYTES:
            break
    return html


@cache
def _environment() -> Environment:
    """Autoescape escapes for HTML; finalize cleans whatever a template shows, even if forgotten."""
    environment = Environment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
    )
    environment.filters |= {"cut": cut, "day": digest_words.day, "number": digest_words.number}
    environment.filters |= {"upfirst": digest_words.up_first, "signed": digest_words.signed}
    environment.globals |= {"charts": charts}
    return environment


def _cleaned(shown: object) -> object:
    # Markup is a str too, but made of what went through here already.
    return clean(shown) if type(shown) is str else shown

"""Draws a message as one self-contained HTML file, for mail clients, browsers and phones."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts import charts, letters
from alerts.escape import clean, cut
from alerts.room import Room
from domain.elements import Element, Heading, Message, Notes, Section, Tiles

MAX_BYTES = 98_000  # Gmail hides what follows its first 102 kB
# From roomy to terse.
_ROOMS = (
    Room(10, 5, 320, 8, 20, 5),
    Room(8, 3, 200, 8, 12, 2),
    Room(4, 2, 120, 8, 6, 1, quote=600, marks=3, bands=False),
)


def render_page(message: Message) -> str:
    """The whole file: no script, nothing loaded from anywhere, readable without its <style>.

    As roomy as a mail may be: a crowded message shows fewer of each kind and says how many more.
    """
    template, html = _environment().get_template("page.html.j2"), ""
    title = next((one.text for one in message.elements if isinstance(one, Heading)), None)
    tiles = [one for one in message.elements if isinstance(one, Tiles)]
    for room in _ROOMS:
        html = template.render(
            title=title or message.summary,
            preview=[letters.tile(tile) for one in tiles for tile in one.tiles],
            parts=_parts(message.elements),
            room=room,
        )
        if len(html.encode()) <= MAX_BYTES:
            break
    return html


def _parts(elements: Sequence[Element]) -> list[list[Element]]:
    """What stands between two rules: a section, titled small print, and all else as it comes."""
    parts: list[list[Element]] = []
    for element in elements:
        if parts and not _stands_apart(element) and not _stands_apart(parts[-1][0]):
            parts[-1].append(element)
        else:
            parts.append([element])
    return parts


def _stands_apart(element: Element) -> bool:
    return isinstance(element, Section) or (isinstance(element, Notes) and bool(element.title))


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
    environment.filters |= {"cut": cut, "upfirst": letters.up_first, "kind": _kind}
    environment.filters |= {"number": "{:,}".format, "end": _end}
    environment.globals |= {"charts": charts, "letters": letters}
    return environment


def _kind(element: Element) -> str:
    return type(element).__name__


def _end(value: int, signed: bool) -> str:  # noqa: FBT001 - a filter's argument
    """The end of a scale; signed: one that runs through zero."""
    return f"{value:+}".replace("-", "\u2212") if signed else str(value)


def _cleaned(shown: object) -> object:
    # Markup is a str too, but made of what went through here already.
    return clean(shown) if type(shown) is str else shown

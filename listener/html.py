"""HTML as a reader sees it: the text that toots, feeds and answers carry in markup."""

import re
from html.parser import HTMLParser

_HIDDEN = frozenset(
    ("head", "iframe", "math", "noscript", "object", "script", "style", "svg", "template")
)
_PARAGRAPHS = frozenset(
    ("blockquote", "dl", "figure", "ol", "p", "pre", "table", "ul", *(f"h{n}" for n in range(1, 7)))
)
_LINES = frozenset(
    ("article", "dd", "details", "div", "dt", "footer", "header", "hr", "li", "section", "tr")
)
_ENDLESS = frozenset(
    ("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_QUOTE_FALLBACK = "quote-inline"  # Mastodon's "RE: link", for software that cannot show the quote
_MOST = 200_000  # characters that are read: no post is longer
_SPACES = re.compile(r"[ \t\n\r\f]+")  # what HTML takes for a space; a no-break space is none
_BREAKS = re.compile("[ \n\0]+")
_DECLARATION = re.compile("<[!?][^<>]*>")
_OPENS_NOTHING = re.compile("<(?![a-zA-Z/][^<>]*>)")
_LINE = "\0"  # stands for a break that is one however many of them meet


def as_text(html: str) -> str:
    """The words with their line breaks; an empty line follows a paragraph.

    A link shown shortened ("example.com/very-lo…") is written whole; one shown as other words
    stays these words. A picture is its alternative text: custom emoji are written so. What a
    browser does not show is left out. Broken markup is read as far as it goes.
    """
    reader = _Reader()
    reader.feed(_sound(html[:_MOST]))
    reader.close()
    return _BREAKS.sub(_tidied, reader.text()).strip()


def whole_link(shown: str, address: str) -> bool:
    """Whether these words are the address: in full, without its scheme, or cut short."""
    start = shown.removesuffix("…").removesuffix("...")
    bare = address.partition("://")[2]
    if not start or not bare:
        return False
    for spelled in (address, bare, bare.removeprefix("www.")):
        if spelled.startswith(start) and (
            start != shown or spelled.rstrip("/") == start.rstrip("/")
        ):
            return True
    return False


def _sound(html: str) -> str:
    """The same without comments and declarations, and with every < that opens no tag escaped.

    The parser takes minutes for 100,000 of "<a ", and raises for a declaration it does not know.
    """
    kept, at = [], 0
    html = html.replace("\0", "")
    while (begins := html.find("<!--", at)) >= 0:
        kept.append(html[at:begins])
        ends = html.find("-->", begins)
        at = ends + 3 if ends >= 0 else len(html)
    kept.append(html[at:])
    return _OPENS_NOTHING.sub("&lt;", _DECLARATION.sub("", "".join(kept)))


class _Reader(HTMLParser):
    """Collects what is seen, piece by piece. It keeps no stack that hostile nesting could grow."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._hidden: tuple[str, int] | None = None  # by which tag, and how many of it are open
        self._kept = 0  # <pre> that are open
        self._link: tuple[str, int] | None = None  # its address, and where its words begin

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._hidden is not None:
            by, depth = self._hidden
            self._hidden = by, depth + (tag == by)
            return
        if tag in _HIDDEN or "hidden" in given or _QUOTE_FALLBACK in given.get("class", "").split():
            self._hidden = (tag, 1) if tag not in _ENDLESS else None
            return
        self._break(tag)
        if tag == "img":
            self._pieces.append(given.get("alt", ""))
        elif tag == "pre":
            self._kept += 1
        elif tag == "a":
            self._end_link()
            self._link = given.get("href", "").strip(), len(self._pieces)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A browser reads <p/> as <p>.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden is not None:
            by, depth = self._hidden
            depth -= tag == by
            self._hidden = (by, depth) if depth else None
            return
        if tag == "a":
            self._end_link()
        elif tag == "pre":
            self._kept = max(0, self._kept - 1)
        if tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self._pieces.append(data if self._kept else _SPACES.sub(" ", data))

    def text(self) -> str:
        self._end_link()
        return "".join(self._pieces)

    def _break(self, tag: str) -> None:
        if tag == "br":
            self._pieces.append("\n")
        elif tag in _PARAGRAPHS:
            self._pieces.append("\n\n")
        elif tag in _LINES:
            self._pieces.append(_LINE)

    def _end_link(self) -> None:
        """Write the link that ends here whole, if it was shown shortened."""
        if self._link is None:
            return
        address, begins = self._link
        self._link = None
        shown = "".join(self._pieces[begins:])
        if whole_link(shown.strip(), address):
            self._pieces[begins:] = [shown.replace(shown.strip(), address, 1)]


def _tidied(found: re.Match[str]) -> str:
    run = found[0]
    if "\n" not in run and _LINE not in run:
        return " "
    return "\n" * min(2, max(1, run.count("\n")))

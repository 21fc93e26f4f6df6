"""The pictures of docs/slack.md are drawn from our own messages."""

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree as ET

DOCS = Path(__file__).parents[3] / "docs"


def test_every_picture_there_is_can_be_drawn_and_is_shown() -> None:
    drawn: dict[str, str] = runpy.run_path(str(DOCS / "pictures" / "draw.py"))["pictures"]()
    shown = re.findall(r"\(pictures/([\w-]+\.svg)\)", (DOCS / "slack.md").read_text("utf-8"))
    assert sorted(drawn) == sorted(shown)
    assert sorted(drawn) == sorted(path.name for path in (DOCS / "pictures").glob("*.svg"))


def test_a_picture_says_what_it_shows_and_loads_nothing() -> None:
    for path in (DOCS / "pictures").glob("*.svg"):
        text = path.read_text("utf-8")
        root = ET.fromstring(text)  # noqa: S314  our own file
        assert root.findtext("{http://www.w3.org/2000/svg}title")
        assert "href" not in text
        assert len(text) < 20_000

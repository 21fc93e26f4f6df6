"""Nothing that an element says leaves unmasked, whatever kind of element it is."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pytest

from alerts.masking import Masking
from domain.elements import (
    Button,
    Buttons,
    Element,
    Heading,
    Link,
    Message,
    Notes,
    Press,
    Presses,
    Text,
)
from tests.alerts.test_drawers import EACH, WAYS

PHONE, MAIL = "+1 202 555 0143", "ana@example.com"
SAID = f"call {PHONE} or {MAIL}"


def saying(value: Any) -> Any:  # noqa: ANN401 - of any field
    """The same with a phone number and an address in every text."""
    if isinstance(value, tuple):
        return tuple(map(saying, value))
    if is_dataclass(value) and not isinstance(value, type | Link):
        kept = {one.name: getattr(value, one.name) for one in fields(value) if one.name != "label"}
        return replace(value, **{name: saying(one) for name, one in kept.items()})
    return SAID if isinstance(value, str) and value else value


@EACH
@pytest.mark.parametrize("way", WAYS)
def test_each_kind_of_element_is_masked_in_each_way_out(
    way: str, element: Element, words: tuple[str, ...]
) -> None:
    assert words
    plain = Message(SAID, (saying(element),))

    shown = WAYS[way](Masking().message(plain))

    assert PHONE not in shown
    assert MAIL not in shown


def test_a_kind_of_element_that_is_yet_to_come_is_masked_too() -> None:
    @dataclass(frozen=True, slots=True)
    class Coming:
        heads: tuple[Heading, ...]
        count: int
        words: str

    coming: Any = Coming((Heading(SAID, lead=SAID),), 2025550143, SAID)

    masked: Any = Masking().message(Message("", (coming,))).elements[0]

    assert masked.words == masked.heads[0].text == masked.heads[0].lead
    assert PHONE not in masked.words
    assert masked.count == coming.count


def test_what_a_notification_says_first_is_masked() -> None:
    masked = Masking().message(Message(SAID))

    assert masked.summary == "call [phone …43] or [email]"


def test_a_link_leads_where_it_led() -> None:
    link = Link("https://x.com/ana/status/12025550143?mail=ana@example.com")

    masked = Masking().message(Message("", (Buttons((Button("Open post", link),)),)))

    assert masked.elements == (Buttons((Button("Open post", link),)),)


def test_a_press_sends_what_it_sent() -> None:
    pressable = Presses("incident:4111111111111111:1", (Press("Note", "note", "2025550143:7"),), "")

    masked = Masking().message(Message("", (pressable,)))

    assert masked.elements == (pressable,)


def test_with_no_kind_a_message_stays_as_it_is() -> None:
    message = Message(SAID, (Text(SAID), Notes((SAID,))))

    assert Masking(frozenset()).message(message) is message

"""A post of the random sample in a channel, to be labelled without what the model says of it."""

from datetime import datetime, tzinfo

from alerts.escape import cut, one_line
from domain.elements import Element, Heading, Message, Notes, Press, Presses, Quote, Quotes, Text
from domain.press import Said

SHOWN = 2_400  # characters of the post
COMMAND = "earshot label"
_BUTTONS = {
    Said.NEGATIVE: "Negative",
    Said.NEUTRAL: "Neutral",
    Said.POSITIVE: "Positive",
    Said.SKIP: "Skip",
}
_WHO = 60


def label_message(
    post: Quote, brand: str, *, draw_id: int, left: int, pressable: bool = True
) -> Message:
    """Asks what a post says of the brand. left: how many are to be labelled, this one included."""
    title = f"What does this post say of {cut(one_line(brand), 60)}?"
    value = f"{draw_id}:{post.mention_id}"
    parts = tuple(Press(label, said, value) for said, label in _BUTTONS.items())
    note = (
        "Drawn at random, to find how far the model is off: nobody is shown what it says. "
        f"Your label changes nothing about the post. {left} left"
    )
    elements: tuple[Element, ...] = (
        Heading(title),
        Quotes((post,)),
        *([Presses(f"label:{value}", parts, COMMAND)] if pressable else []),
        Notes((note,)),
    )
    return Message(title, elements)


def quote_of(mention_id: int, source: str, text: str, published_at: datetime, tz: tzinfo) -> Quote:
    """The post without who wrote it. source: as people call the network."""
    written = f"{published_at.astimezone(tz):%d %b %H:%M %Z}"
    return Quote(mention_id, source, written, text, SHOWN)


def labelled_message(brand: str, said: str, by: str, *, left: int) -> Message:
    """What stands there once it is labelled. said: "" when it was skipped."""
    done = f"Labelled {said}" if said else "Skipped"
    sentence = f"🏷️ {done} by {cut(one_line(by), _WHO)}, {left} left for {cut(one_line(brand), 60)}"
    return Message(sentence, (Text(sentence),))


def unasked_message() -> Message:
    """What stands in the place of a post that is gone, or that nobody labelled in time."""
    sentence = "A post was to be labelled here. It is not shown any more."
    return Message(sentence, (Text(sentence),))

"""An author's words in one text: the body, then what stands beside it, labelled for the reader.

A poll's choices, a picture's description or a link card are searched by the network, and may be all
that names the brand. What is shown to people is also what is matched and scored.
"""

from listener.clean import clean, words

AUTOMATED = "Automated account, says the network."


def joined(*parts: str) -> str:
    """The parts that are there, an empty line between them."""
    return "\n\n".join(filter(None, (part.strip() for part in parts)))


def labelled(label: str, *parts: object) -> str:
    """[Picture: a kettle in pieces]; "" where there are no words."""
    shown = " – ".join(filter(None, (" ".join(words(part).split()) for part in parts)))
    return clean(f"[{label}: {shown}]") if shown else ""


def bio(own: str, *, automated: bool) -> str:
    """What an author says of itself, after the network's word that it is no person."""
    return joined(AUTOMATED, own) if automated else own

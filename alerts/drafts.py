"""Drafts of public answers, from templates. Nothing of the CRM may stand in one.

A draft holds what its author shows in public and the template's own words, and nothing else. It is
there to be copied: nothing is sent to a network.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.draft_templates import PLACEHOLDER, TemplateSettings
from alerts.escape import clean, cut, one_line
from domain.answer_length import length, most
from domain.elements import Element, Message, Notes, Text
from domain.incident import Candidate
from domain.network import PUBLIC, Networks

# As people write names. What holds an address, a handle or a digit is somebody's joke, or worse,
# and the brand would say it.
_PLAIN_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'’\-](?![/.])){0,39}")
_PLAIN_HANDLE = re.compile(r"[\w.\-·]{1,60}(?:@[\w.\-]{1,60})?")


@dataclass(frozen=True, slots=True)
class Draft:
    template: str
    text: str  # as it may be pasted
    source: str
    length: int  # as the network counts it
    most: int | None  # that the network takes; None: not known

    def note(self, networks: Networks = PUBLIC) -> str:
        """What to know before it is pasted."""
        where = networks.title_of(self.source)
        said = f"Draft “{one_line(self.template)}” for {where}: copy it and make it yours."
        if self.most is None or self.length <= self.most:
            return said
        over = self.length - self.most
        return f"{over:,} characters too long for {where}, which takes {self.most:,}. {said}"


def fitting(templates: Sequence[TemplateSettings], candidate: Candidate, rule: str) -> Draft | None:
    """Of the first template, in file order, that fits the post; None when none does.

    rule: by which its incident was opened. A template that names the author fits none without a
    name.
    """
    filled = {"brand": one_line(candidate.brand), **_author(candidate)}
    for template in templates:
        if _fits(template, candidate, rule, filled):
            # In one go: what a handle says is no placeholder.
            text = PLACEHOLDER.sub(lambda found: filled[found[1]], clean(template.text)).strip()
            source = candidate.source
            return Draft(template.name, text, source, length(source, text), most(source))
    return None


def _author(candidate: Candidate) -> dict[str, str]:
    """How its author may be called in public; without a plain name by the handle."""
    handle = one_line(candidate.author_handle)
    handle = handle if _PLAIN_HANDLE.fullmatch(handle) else ""
    name = one_line(candidate.author_name)
    return {"handle": handle, "name": name if _PLAIN_NAME.fullmatch(name) else handle}


def _fits(
    template: TemplateSettings, candidate: Candidate, rule: str, filled: Mapping[str, str]
) -> bool:
    customer, lang = candidate.customer, (candidate.lang or "").lower()
    tier = customer.tier.strip().casefold() if customer else ""
    return (
        template.lang in (None, lang.partition("-")[0])
        and (not template.rules or rule.strip().casefold() in template.rules)
        and (not template.tiers or tier in template.tiers)
        and all(filled[one] for one in PLACEHOLDER.findall(template.text))
    )


def draft_message(
    incident_id: int, draft: Draft | None, beside: Sequence[Element], networks: Networks = PUBLIC
) -> Message:
    """A draft for the incident's thread, to copy as a whole. beside: what opens the post.

    None: the templates have changed since it was owed.
    """
    if draft is None:
        gone = f"No template fits the post of incident {incident_id} any more."
        return Message(gone, (Text(gone),))
    note = draft.note(networks)
    summary = f"A draft for incident {incident_id}: {cut(one_line(draft.text), 280)}"
    return Message(summary, (Text(draft.text), *beside, Notes((note,))))

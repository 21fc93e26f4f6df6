"""What an account is told by: a handle on file, a mask, a company; each in a sentence."""

import re
from dataclasses import dataclass
from functools import lru_cache

from crm.handles import network
from crm.linking.names import bare, compact, plain, tokens
from crm.linking.people import Candidate, Entry, Writer
from domain.network import folded


@dataclass(frozen=True, slots=True, order=True)
class OnFile:
    """The CRM holds exactly this handle."""

    said: str
    too_young: str  # the account was made after the CRM wrote it down: somebody else has taken it


def handle_on_file(writer: Writer, candidate: Candidate) -> OnFile | None:
    """The entry of a record that is this author's handle on this network."""
    author, on = writer.author, network(writer.source)
    ours = folded(bare(author.handle))
    for entry in candidate.handles:
        if ours and folded(bare(entry.handle)) == ours and network(entry.network) == on:
            said = f"CRM {candidate.system} holds @{bare(entry.handle)} for {on}"
            return OnFile(said, _too_young(writer, entry, on))
    return None


def _too_young(writer: Writer, entry: Entry, on: str) -> str:
    made_at, on_file_at = writer.author.created_at, entry.on_file_at
    if made_at is None or on_file_at is None or made_at <= on_file_at:
        return ""
    return (
        f"the {on} account was made on {made_at:%Y-%m-%d}, "
        f"after the CRM had the handle ({on_file_at:%Y-%m-%d})"
    )


_MASK = re.compile(
    r"\b(?:parod\w*|satir\w*|fan ?(?:page|club|account|seite|konto)|fans?|fanseite|tribute|fake"
    r"|spoof\w*|joke account|jokes only|humou?r account|humour|cuenta de humor|conta de humor"
    r"|profilo comico|just for laughs|meme page|witzkonto|konto humorystyczne|mizah|tai khoan hai"
    r"|unofficial|inoffiziell\w*|no oficial|nao oficial|non ?-?officiel\w*|non ufficiale"
    r"|not affiliated|not the real|pas la? vraie?|nicht (?:der|die) echte|niet de echte"
    r"|no (?:es|soy) (?:el|la) real|no soy yo|non (?:e|sono) (?:il|la) ver[oa]|gercek degil|sahte"
    r"|saka hesab\w*|nie ?prawdziw\w*|zart\w*|khong phai nguoi that|gia mao"
    r"|impersonator|impost[eo]r|role ?play\w*"
    r"|σατιρ\w*|παρωδ\w*|сатир\w*|пароди\w*|фейк\w*|ساخر\w*|محاكاة)\b"
)
_NOT_THEM = re.compile(
    r"^\s*(?:not|definitely not|totally not|nicht|pas|no soy|nao sou|non sono|niet|nie|fakes?)\b"
    r"|\blol\s*$|,\s*(?:ale nie|but not|aber nicht|pero no|mais non)\s*$"
)


@lru_cache(maxsize=10_000)
def mask(name: str, bio: str, handle: str) -> str:
    """Whether the account says that it is not who it is called; what it says, in a sentence."""
    for text in (name, bio):
        found = _MASK.search(plain(text)) or (text is name and _NOT_THEM.search(plain(text)))
        if found:
            return f"the profile says {found[0].strip()!r}"
    letters = compact(handle)
    if re.search(r"parod|satire|^fake|^notreal|fanclub|fanpage", letters):
        return f"the handle says that it is not them: @{handle}"
    return ""


def is_company(writer: Writer, candidate: Candidate) -> bool:
    """Whether the account is called as the customer's company is, not as the customer."""
    company = "".join(tokens(candidate.company))
    name = "".join(tokens(writer.author.name))
    return bool(company) and name == company and name != "".join(candidate.words)


def other_handle(writer: Writer, candidate: Candidate) -> str:
    """The record holds another handle for this network: a squatter's is nearly the same."""
    on, ours = network(writer.source), folded(bare(writer.author.handle))
    held = [one.handle for one in candidate.handles if network(one.network) == on]
    if not ours or not held or any(folded(bare(one)) == ours for one in held):
        return ""
    return f"the record holds another handle for {on}: @{bare(held[0])}"


def order_of_others(writer: Writer, candidate: Candidate) -> str:
    """A post names an order that somebody else made, or says that it is somebody else's."""
    for one in writer.orders:
        if one.person_id != candidate.person_id:
            return f"a post names the order {one.number} of another customer"
        if one.others:
            return f"a post says that the order {one.number} is somebody else's"
    return ""

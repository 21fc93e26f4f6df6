"""Which company an author says, in public, to work at or to speak for. No link follows from it."""

import re
from collections.abc import Iterator

from crm.hosts import host as host_of
from domain.company import Claim, CompanyBasis, has_form, name_key, site_key, squeezed
from domain.contract import Contract
from domain.mention import Author

# What people are or do at a company, in the languages that bios are written in.
_ROLES = "|".join(
    [
        *(
            "c[etfoimp]o",
            "(?:co-?)?founder",
            "owner",
            "director",
            "manager",
            "engineer",
            "developer",
        ),
        *(
            "designer",
            "head",
            "lead",
            "vp",
            "president",
            "chair",
            "partner",
            "consultant",
            "analyst",
        ),
        *("editor", "sales", "marketing", "pr", "comms", "support", "staff", "buyer", "intern"),
        *(
            "work(?:s|ing)?",
            "employee",
            "arbeite(?:t)?",
            r"mitarbeiter\w*",
            r"gesch[aä]ftsf[uü]hrer\w*",
        ),
        *(
            r"gr[uü]nder\w*",
            r"inhaber\w*",
            r"leiter\w*",
            r"entwickler\w*",
            "directeur",
            "directrice",
        ),
        *(
            "fondateur",
            "fondatrice",
            "g[eé]rante?",
            "travaille",
            "directora?",
            "fundadora?",
            "trabajo",
        ),
        *("trabalho", "gerente", "due[nñ][oa]", "s[oó]ci[oa]", "titolare", "fondatore", "lavoro"),
        *("direttore", r"za[lł]o[zż]yciel\w*", "prezes", "pracuj[eę]", "kurucu", "m[uü]d[uü]r"),
    ]
)
_AT = r"at|of|for|bei|von|der|de|del|du|en|em|na|da|do|di|presso|chez|w|@"
_ROLE = re.compile(rf"(?<!\w)(?:{_ROLES})(?!\w)", re.IGNORECASE)
_PLACE = re.compile(rf"(?:(?<!\w)(?:{_AT})\s+|@)(?=\w)", re.IGNORECASE)
_FAR = 40  # characters between a role and its place
# Not now, not here, or not meant.
_NOT_NOW = re.compile(
    r"(?<!\w)(?:ex|former\w*|fmr|prev\w*|past|was|retired|not|never|fan|customer|client|opinions?|"
    r"ehemal\w*|fr[uü]her|ancien\w*|antigu\w*|antes|cliente|kunde|kundin|eski|by[lł]y|gi[aà])(?!\w)",
    re.IGNORECASE,
)
_NO_ACCOUNT = re.compile(r"parod|unofficial|inoffi|not affiliated|fan\b|fake|satir", re.IGNORECASE)
_OFFICIAL = re.compile(
    r"(?<!\w)(?:official|offiziell\w*|oficial|officiel\w*|ufficiale|oficjaln\w*|resmi|رسمي)(?!\w)",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[|·•;!?\n]|\.\s")
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_MOST_WORDS = 6  # of a company's name
_SHORTEST = 3  # letters by which one is looked for


def claims(author: Author, contract: Contract) -> tuple[Claim, ...]:
    """What the author says of companies, the surest first; nothing where no link is allowed."""
    if not contract.may_link:
        return ()
    found = [*_account(author), *_bio(author.bio), *_emails(author.bio), *_site(author)]
    return tuple(one for one in found if one.keys)


def _account(author: Author) -> Iterator[Claim]:
    """The company's own account; an impostor says the same, so the site or a form must agree."""
    told = f"{author.name} {author.handle} {author.bio}"
    if _NO_ACCOUNT.search(told):
        return
    host, is_official = host_of(author.url), _OFFICIAL.search(author.bio) is not None
    if is_official and host:
        said = f"an official account with the site {host}"
        yield Claim(CompanyBasis.ACCOUNT, (site_key(host),), said)
    if (is_official or has_form(author.name)) and len(squeezed(author.name)) >= _SHORTEST:
        said = f'the account is called "{author.name}"'
        yield Claim(CompanyBasis.ACCOUNT, (name_key(author.name),), said)


def _bio(bio: str) -> Iterator[Claim]:
    for clause in _CLAUSES.split(bio):
        role = _ROLE.search(clause)
        if role is None or _NOT_NOW.search(clause[: role.start()].rsplit(",", maxsplit=1)[-1]):
            continue
        keys = list(_places(clause[role.end() :]))
        yield Claim(CompanyBasis.BIO, tuple(keys), f'bio: "{clause.strip()}"')


def _places(said: str) -> Iterator[str]:
    """Keys of what may be a name behind a role, longer ones first: "of sales at Neon Labs"."""
    for place in _PLACE.finditer(said):
        if place.start() > _FAR or _NOT_NOW.search(said[: place.start()]):
            return
        words = re.findall(r"[^\W_]+", said[place.end() :])[:_MOST_WORDS]
        names = ["".join(words[:count]) for count in range(len(words), 0, -1)]
        yield from (name_key(one) for one in names if len(squeezed(one)) >= _SHORTEST)
        if words and words[0][0].isupper():
            return


def _emails(bio: str) -> Iterator[Claim]:
    for email in _EMAIL.finditer(bio):
        host = email["host"].lower()
        yield Claim(CompanyBasis.EMAIL, (site_key(host),), f"an address at {host} in the bio")


def _site(author: Author) -> Iterator[Claim]:
    host = host_of(author.url)
    if host:
        yield Claim(CompanyBasis.SITE, (site_key(host),), f"the site {host} in the profile")

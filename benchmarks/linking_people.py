"""Invented people of nine cultures: how they are called, where they live, what reaches them."""

import random
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

TODAY = date(2026, 11, 20)
BRAND = "brumona"
_SHARES = {"de": 20, "es": 18, "tr": 12, "pl": 12, "ie": 12, "nl": 10, "ma": 6, "vi": 6, "gr": 4}
_COMMON = 0.25  # of people have one of the few surnames that many have
_HOSTS = ("post.example", "correo.example", "poczta.example", "inbox.example", "freemail.example")
_FIRM_HEADS = (
    *("Alder", "Bastion", "Cobalt", "Delta9", "Ember", "Fjord", "Granit", "Helio", "Ivory"),
    *("Jasper", "Kontur", "Lumen", "Mosaik", "Nimbus", "Orbit", "Prisma", "Quarz", "Rivera"),
    *("Saffron", "Tundra", "Umbra", "Vertex", "Wolfram", "Xenia", "Ypsilon", "Zephyr"),
)
_FIRM_TAILS = ("works", "bau", "tech", "line", "med", "soft", "craft", "trans", "agro", "print")
HOBBIES = (
    *("espresso", "kayak", "retro", "mono", "tango", "gravel", "orchid", "chess", "lomo", "drone"),
    *("ramen", "climb", "vespa", "sudoku", "trail", "bonsai", "padel", "modular", "origami"),
)
# Letters that Unicode does not take apart, and how people type them in handles.
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "ø": "o", "ß": "ss", "æ": "ae"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


One = TypeVar("One")


class Dice(random.Random):
    """Repeatable for a seed."""

    def chance(self, share: float) -> bool:
        return self.random() < share

    def of(self, weights: Mapping[str, float]) -> str:
        return self.choices(list(weights), list(weights.values()))[0]

    def skewed(self, some: Sequence[One]) -> One:
        """One of these, the first ones oftener."""
        return some[min(int(len(some) * self.random() ** 1.7), len(some) - 1)]

    def day(self, since: date, until: date) -> date:
        return since + timedelta(days=self.randint(0, max((until - since).days, 0)))


@dataclass(frozen=True, slots=True)
class Name:
    """One part of a name: as the CRM has it, as else it is written, in its own script."""

    forms: tuple[str, ...]
    script: str = ""


@dataclass(frozen=True, slots=True)
class Culture:
    code: str
    raw: Mapping[str, Any]
    women: tuple[Name, ...]
    men: tuple[Name, ...]
    common: tuple[tuple[Name, Name], ...]  # of men and of women
    rare: tuple[tuple[Name, Name], ...]
    towns: tuple[tuple[str, ...], ...]

    @property
    def lang(self) -> str:
        return str(self.raw["lang"])


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; as a customer they have records, as an author an account."""

    culture: Culture
    woman: bool
    given: Name
    family: tuple[tuple[Name, Name], ...]  # each surname, of men and of women
    is_common: bool  # a surname that many have
    town: tuple[str, ...]
    born: int
    hobby: str
    email: str
    phone: str  # as dialled from abroad
    firm: str = ""
    site: str = ""  # host of their own or of their firm
    records: list[dict[str, str]] = field(default_factory=list)  # of the CRM; none: no customer
    orders: list[str] = field(default_factory=list)

    @property
    def surnames(self) -> tuple[Name, ...]:
        return tuple(one[self.woman] for one in self.family)

    @property
    def surname(self) -> str:
        return " ".join(one.forms[0] for one in self.surnames)

    @property
    def name(self) -> str:
        return f"{self.given.forms[0]} {self.surname}"

    @property
    def ids(self) -> list[str]:
        return [one["customer_id"] for one in self.records]


class Settled(TypedDict, total=False):
    """What is known of somebody before they are made up."""

    culture: Culture
    woman: bool
    given: Name
    family: tuple[tuple[Name, Name], ...]
    is_common: bool
    town: tuple[str, ...]


def plain(text: str, *, umlauts: bool = False) -> str:
    """Small letters and digits without accents, as in a handle."""
    text = text.lower().translate(_UMLAUTS if umlauts else {}).translate(_LETTERS)
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text))


@cache
def world_words() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("linking_world.toml").read_text("utf-8"))


@cache
def cultures() -> Mapping[str, Culture]:
    return {code: _culture(code, raw) for code, raw in world_words()["cultures"].items()}


def _culture(code: str, raw: Mapping[str, Any]) -> Culture:
    pairs = [
        [_joined(_name(head, woman=woman), _name(tail, woman=woman)) for woman in (False, True)]
        for head, tail in product(raw["heads"], raw["tails"])
    ]
    return Culture(
        code,
        raw,
        women=tuple(_name(one, woman=True) for one in raw["women"]),
        men=tuple(_name(one, woman=False) for one in raw["men"]),
        common=tuple((_name(one, woman=False), _name(one, woman=True)) for one in raw["common"]),
        rare=tuple((man, woman) for man, woman in pairs),
        towns=tuple(tuple(one.split("/")) for one in raw["towns"]),
    )


def _name(text: str, *, woman: bool) -> Name:
    forms, _, script = text.partition("=")
    return Name(
        tuple(forms.split("|")[woman and "|" in forms].split("/")),
        script.split("|")[woman and "|" in script],
    )


def _joined(head: Name, tail: Name) -> Name:
    return Name(
        tuple(head.forms[0] + one for one in tail.forms),
        head.script + tail.script if tail.script else "",
    )


def person(dice: Dice, **known: Unpack[Settled]) -> Person:
    """Somebody new; known: what is settled already, such as a namesake's name."""
    culture = known.get("culture") or cultures()[dice.of(_SHARES)]
    woman = known.get("woman", dice.chance(0.5))
    is_common = known.get("is_common", dice.chance(_COMMON))
    many = 2 if culture.raw.get("two_surnames") else 1
    family = known.get("family") or tuple(
        dice.choice(culture.common if is_common else culture.rare) for _ in range(many)
    )
    made = Person(
        culture=culture,
        woman=woman,
        given=known.get("given") or dice.skewed(culture.women if woman else culture.men),
        family=family,
        is_common=is_common,
        town=known.get("town") or dice.skewed(culture.towns),
        born=dice.randint(1948, 2007),
        hobby=dice.choice(HOBBIES),
        email="",
        phone=_phone(dice, culture),
    )
    return replace(_at_work(dice, made), email=_email(dice, made))


def _phone(dice: Dice, culture: Culture) -> str:
    raw = culture.raw
    digits = "".join(str(dice.randint(0, 9)) for _ in range(raw["digits"]))
    return f"{raw['dial']}{dice.choice(raw['mobile'])}{digits}"


def _at_work(dice: Dice, one: Person) -> Person:
    if dice.chance(0.3):
        host = f"{dice.choice(_FIRM_HEADS)}{dice.choice(_FIRM_TAILS)}"
        kind = dice.choice(one.culture.raw["firms"])
        return replace(
            one, firm=f"{host} {kind}", site=f"{host.lower()}-{one.culture.code}.example"
        )
    if dice.chance(0.08):
        return replace(one, site=f"{plain(one.given.forms[0])}-{plain(one.surname)}.example")
    return one


def _email(dice: Dice, one: Person) -> str:
    umlauts = one.culture.code == "de"
    given = plain(one.given.forms[0], umlauts=umlauts)
    last = plain(one.surnames[0].forms[0], umlauts=umlauts)
    local = dice.choice(
        [
            *(f"{given}.{last}", f"{given}.{last}", f"{given[0]}{last}", f"{last}.{given}"),
            *(f"{given}{one.born}", f"{given}_{last}{one.born % 100:02}", f"{last}{given[:2]}"),
            *(f"{one.hobby}{dice.randint(1, 9999)}", f"{given[:3]}{last[:4]}{dice.randint(1, 99)}"),
        ]
    )
    if one.firm and dice.chance(0.6):
        return f"{given[0]}.{last}@{one.site}"
    return f"{local}@{dice.choice(_HOSTS)}"


def written_phone(dice: Dice, one: Person) -> str:
    dial = one.culture.raw["dial"]
    rest = one.phone.removeprefix(dial)
    spaced = f"{rest[:3]} {rest[3:6]} {rest[6:]}"
    within = rest if one.culture.code in {"es", "pl", "gr"} else f"0{rest}"
    return dice.choice([f"{dial} {spaced}", one.phone, f"00{dial[1:]} {rest}", within])

"""The kinds of accounts in the invented world: customers (P_) and others (N_), with the truth."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.linking_people import Dice, Person, plain
from benchmarks.linking_people import written_phone as typed_phone
from benchmarks.linking_profiles import (
    ON_FILE,
    PLATFORMS,
    Profile,
    evidence,
    location,
    on_network,
    profile,
    talk,
    typed_at,
    typed_handle,
    typed_order,
)
from benchmarks.linking_shop import Shop

_COLUMNS = {"x": "twitter", "instagram": "instagram", "facebook": "facebook"}
_SHOWS = {"name": 60, "given": 20, "nick": 20}


@dataclass(frozen=True, slots=True)
class Known:
    """An account and the truth about it."""

    made: Profile
    customer: Person | None = None  # whose account it is
    linkable: bool = False  # by a careful person, from what is public and in the CRM
    order_of: Person | None = None  # whose order it names, where that is another
    company: str = ""  # whose official account it is


class World:
    """Hands out customers, each at most once as an author, and knows their namesakes."""

    def __init__(self, dice: Dice, shop: Shop) -> None:
        self.dice = dice
        self._waiting = dice.sample(shop.customers, len(shop.customers))
        self._named: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self.locals: dict[str, int] = defaultdict(int)
        self.phones = Counter(one.phone for one in shop.customers)  # a couple shares one
        self.handles: set[tuple[str, str]] = set()  # in the CRM, by network
        for one in shop.customers:
            self._named[_key(one)].append(one)
            self.locals[_local(one)] += 1

    def customer(self, fits: Callable[[Person], bool] = lambda _: True) -> Person:
        """Raises ValueError when nobody who fits is left."""
        for at, one in enumerate(self._waiting):
            if fits(one):
                return self._waiting.pop(at)
        raise ValueError("too few customers for so many authors: ask for more of them")

    def stands_out(self, one: Person) -> bool:
        """Nobody else in the CRM has this name in this town, and few people anywhere have it."""
        there = [other for other in self._named.get(_key(one), []) if other.town == one.town]
        return len(there) == 1 and not one.is_common and has_city(one)

    def is_taken(self, one: Person) -> bool:
        """A customer in this town has this rare name: hardly anybody else there has it, too."""
        return not one.is_common and any(
            other.town == one.town for other in self._named.get(_key(one), [])
        )

    def is_alone(self, one: Person) -> bool:
        return len(self._named.get(_key(one), [])) == 1 and not one.is_common


def _key(one: Person) -> tuple[str, str]:
    return one.given.forms[0], plain(one.family[0][0].forms[0])


def _local(one: Person) -> str:
    return plain(one.email.partition("@")[0])


def has_city(one: Person) -> bool:
    return any(record["city"] for record in one.records)


def has_phone(one: Person) -> bool:
    return bool(one.records[0]["phone"])


def is_single(one: Person) -> bool:
    return len(one.records) == 1


# ---------------------------------------------------------------- customers


def crm_handle(world: World) -> Known:
    dice, one = world.dice, world.customer(is_single)
    made = profile(dice, one, platform=dice.of(ON_FILE), shows=dice.of(_SHOWS))
    changed = date.fromisoformat(one.records[0]["updated_at"])
    made.created = dice.day(date(2008, 3, 1), changed - timedelta(days=3))
    if made.platform != "x" and dice.chance(0.1):
        made.created = None
    on_file(world, one, made)
    return Known(made, one, linkable=True)


def on_file(world: World, one: Person, made: Profile) -> None:
    """The CRM has held this account's handle since the record was last changed."""
    world.handles.add((made.platform, made.handle.lower()))
    typed = typed_handle(world.dice, made.platform, made.handle)
    one.records[0][_COLUMNS[made.platform]] = typed


def email_text(world: World) -> Known:
    dice, one = world.dice, world.customer()
    made = profile(dice, one, shows=dice.of(_SHOWS), place=dice.chance(0.4))
    evidence(dice, made, "mail", one.email, in_bio=0.3)
    return Known(made, one, linkable=True)


def email_at(world: World) -> Known:
    dice, one = world.dice, world.customer()
    made = profile(dice, one, shows=dice.of(_SHOWS), place=dice.chance(0.4))
    evidence(dice, made, "mail", typed_at(dice, one.email), in_bio=0.3)
    return Known(made, one, linkable=True)


def phone_text(world: World) -> Known:
    dice, one = world.dice, world.customer(has_phone)
    made = profile(dice, one, shows=dice.of(_SHOWS), place=dice.chance(0.4))
    evidence(dice, made, "phone", typed_phone(dice, one), in_bio=0.2)
    return Known(made, one, linkable=True)


def website(world: World) -> Known:
    dice, one = world.dice, world.customer(lambda one: bool(one.records[0]["website"]))
    made = profile(dice, one, place=dice.chance(0.3))
    if made.platform == "bluesky" and not one.firm:
        made.handle = one.site
    else:
        made.url = f"https://{one.site}{dice.choice(['', '/', '/kontakt'])}"
    return Known(made, one, linkable=True)


def email_local(world: World) -> Known:
    dice, one = world.dice, world.customer()
    platform = dice.of({name: share for name, share in PLATFORMS.items() if name != "trustpilot"})
    shows = dice.of({"given": 50, "nick": 35, "name": 15})
    made = profile(dice, one, platform=platform, shows=shows, place=dice.chance(0.4))
    made.handle = on_network(dice, platform, one.email.partition("@")[0])
    return Known(made, one, linkable=world.locals[_local(one)] == 1 and len(_local(one)) > 7)  # noqa: PLR2004


def order_text(world: World) -> Known:
    dice, one = world.dice, world.customer(lambda one: bool(one.orders))
    shows = dice.of(_SHOWS)
    made = profile(dice, one, shows=shows, place=dice.chance(0.3))
    evidence(dice, made, "order", typed_order(dice, dice.choice(one.orders)))
    return Known(made, one, linkable=shows != "nick")


def name_city(world: World) -> Known:
    dice, one = world.dice, world.customer(has_city)
    made = profile(dice, one, place=True)
    return Known(made, one, linkable=world.stands_out(one) and bool(made.name))


def name_only(world: World) -> Known:
    one = world.customer()
    return Known(profile(world.dice, one), one)


def unlinkable(world: World) -> Known:
    one = world.customer()
    return Known(profile(world.dice, one, shows="nick"), one)


def two_records(world: World) -> Known:
    dice, one = world.dice, world.customer(lambda one: not is_single(one) and has_city(one))
    made = profile(dice, one, place=True)
    if dice.chance(0.5):
        evidence(dice, made, "mail", one.records[1]["email"])
    return Known(made, one, linkable=bool(made.texts) or world.stands_out(one))


def moved(world: World) -> Known:
    dice, one = world.dice, world.customer(has_city)
    new = dice.choice([town for town in one.culture.towns if town != one.town])
    made = profile(dice, one)
    made.location = location(dice, new, str(one.culture.raw["land"]))
    tells = dice.chance(0.5) and made.platform != "trustpilot"
    if tells:
        made.bio = dice.choice(talk(made.lang)["moved"]).format(old=one.town[0], new=new[0])
    return Known(made, one, linkable=tells and world.is_alone(one) and bool(made.name))


def own_script(world: World) -> Known:
    dice = world.dice
    one = world.customer(lambda one: bool(one.given.script) and has_city(one))
    made = profile(dice, one, shows="script", place=True)
    return Known(made, one, linkable=world.stands_out(one) and bool(made.name))


CASES: dict[str, tuple[Callable[[World], Known], float]] = {
    "P_crm_handle": (crm_handle, 9),
    "P_email_text": (email_text, 6),
    "P_email_at": (email_at, 3),
    "P_phone_text": (phone_text, 4),
    "P_website": (website, 9),
    "P_email_local": (email_local, 9),
    "P_order_text": (order_text, 15),
    "P_name_city": (name_city, 20),
    "P_name_only": (name_only, 11),
    "P_unlinkable": (unlinkable, 8),
    "P_two_records": (two_records, 2),
    "P_moved": (moved, 2),
    "P_own_script": (own_script, 2),
}

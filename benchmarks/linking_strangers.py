"""Accounts in the invented world that are no customer's, however much looks like it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Unpack

from benchmarks.linking_cases import Known, World, has_city, has_phone, is_single, on_file
from benchmarks.linking_people import BRAND, TODAY, Person, Settled, person, plain, written_phone
from benchmarks.linking_profiles import (
    ON_FILE,
    PLATFORMS,
    Profile,
    evidence,
    hobby,
    on_network,
    profile,
    talk,
    typed_order,
)

_TRIES = 20
_SHOWS = {"name": 60, "given": 20, "nick": 20}
_NOT = (
    "Not {0}",
    "no soy {0}",
    "{0} (Parodie)",
    "Sahte {0}",
    "{0}, ale nie",
    "fake {0}",
    "{0} lol",
)


def _stranger(world: World, **known: Unpack[Settled]) -> Person:
    """Somebody new, who has no rare name that a customer in the same town has, if that can be."""
    for _ in range(_TRIES):
        made = person(world.dice, **known)
        if not world.is_taken(made):
            break
    return made


def _namesake(world: World, of: Person) -> Person:
    """Somebody of the same name, who lives elsewhere."""
    towns = [town for town in of.culture.towns if town != of.town]
    free = [town for town in towns if not world.is_taken(replace(of, town=town))] or towns
    return _called_so(world, of, world.dice.skewed(free))


def _called_so(world: World, of: Person, town: tuple[str, ...]) -> Person:
    same: Settled = {"culture": of.culture, "given": of.given, "family": of.family}
    same |= {"woman": of.woman, "is_common": of.is_common, "town": town}
    return person(world.dice, **same)


def anybody(world: World) -> Known:
    dice = world.dice
    return Known(profile(dice, _stranger(world), shows=dice.of(_SHOWS), place=dice.chance(0.55)))


def namesake_city(world: World) -> Known:
    return Known(profile(world.dice, _namesake(world, world.customer()), place=True))


def namesake_noloc(world: World) -> Known:
    return Known(profile(world.dice, _namesake(world, world.customer())))


def namesake_common(world: World) -> Known:
    """The same town, too, as happens with names that many have."""
    one = world.customer(lambda one: one.is_common and has_city(one))
    return Known(profile(world.dice, _called_so(world, one, one.town), place=True))


def _relative(world: World, of: Person) -> Person:
    dice, culture = world.dice, of.culture
    woman = dice.chance(0.5)
    names = [name for name in (culture.women if woman else culture.men) if name != of.given]
    free = [one for one in names if not world.is_taken(replace(of, woman=woman, given=one))]
    same: Settled = {"culture": culture, "family": of.family, "is_common": of.is_common}
    same |= {"town": of.town, "woman": woman, "given": dice.choice(free or names)}
    return person(dice, **same)


def family(world: World) -> Known:
    return Known(profile(world.dice, _relative(world, world.customer()), place=True))


def _other(world: World, of: Person) -> Person:
    """Who writes about somebody else's order: a relative or just anybody."""
    near = world.dice.chance(0.25)
    return _relative(world, of) if near else _stranger(world, culture=of.culture)


def _about(world: World, of: Person, kind: str, key: str) -> Known:
    dice = world.dice
    made = profile(dice, _other(world, of), shows=dice.of(_SHOWS), place=dice.chance(0.4))
    evidence(dice, made, kind, key)
    return Known(made, order_of=of if kind == "third_order" else None)


def third_order(world: World) -> Known:
    of = world.customer(lambda one: bool(one.orders))
    return _about(world, of, "third_order", typed_order(world.dice, of.orders[0]))


def third_email(world: World) -> Known:
    of = world.customer()
    return _about(world, of, "third_mail", of.email)


def third_phone(world: World) -> Known:
    of = world.customer(has_phone)
    return _about(world, of, "third_phone", written_phone(world.dice, of))


def rival_order(world: World) -> Known:
    of = world.customer(lambda one: bool(one.orders))
    made = _about(world, of, "rival", typed_order(world.dice, of.orders[0])).made
    return Known(made)


def brand_email(world: World) -> Known:
    role = world.dice.choice(["service", "hola", "hilfe", "info", "retouren"])
    return _about(world, world.customer(), "brand_mail", f"{role}@{BRAND}.example")


def shop_address(world: World) -> Known:
    """A dealer is a customer, too; who quotes the dealer's address is somebody else."""
    of = world.customer(lambda one: bool(one.firm) and is_single(one))
    of.records[0]["email"] = f"service.{of.ids[0].lower()}@{of.site}"
    return _about(world, of, "shop_mail", of.records[0]["email"])


def couple_phone(world: World) -> Known:
    """The partner of a customer gives the phone that both of them use."""
    dice = world.dice
    of = world.customer(lambda one: has_phone(one) and world.phones[one.phone] == 1)
    same: Settled = {"culture": of.culture, "town": of.town, "woman": not of.woman}
    if dice.chance(0.6):
        same |= {"family": of.family, "is_common": of.is_common}
    made = profile(dice, person(dice, **same), place=dice.chance(0.5))
    evidence(dice, made, "phone", written_phone(dice, of))
    return Known(made)


def parody(world: World) -> Known:
    dice, of = world.dice, world.customer()
    made = profile(dice, of, platform=dice.of({**PLATFORMS, "trustpilot": 0}), place=True)
    said = dice.chance(0.7)
    made.name = dice.choice(_NOT).format(of.name) if said else of.name
    if not said or dice.chance(0.5):
        made.bio = dice.choice(talk(made.lang)["parody"])
    made.created = dice.day(date(2021, 1, 1), TODAY - timedelta(days=30))
    return Known(made)


def _taken(world: World, of: Person, made: Profile) -> None:
    """The handle on file was given up, and this account took it afterwards."""
    on_file(world, of, made)
    changed = date.fromisoformat(of.records[0]["updated_at"])
    made.created = world.dice.day(changed + timedelta(days=4), TODAY - timedelta(days=2))


def recycled(world: World) -> Known:
    dice, of = world.dice, world.customer(is_single)
    made = profile(dice, _stranger(world), platform=dice.of(ON_FILE), shows=dice.of(_SHOWS))
    former = profile(dice, of, platform=made.platform)
    made.handle = former.handle
    _taken(world, of, made)
    if made.platform != "x" and made.name and dice.chance(0.15):
        made.created = None  # only the name is left to tell
    return Known(made)


def fan(world: World) -> Known:
    dice, of = world.dice, world.customer(is_single)
    made = profile(dice, of, platform=dice.of(ON_FILE))
    made.name = dice.choice(["{0} Fans", "Team {0}", "{0}", "{0} FC"]).format(of.name)
    made.bio = dice.choice(talk(made.lang)["fan"])
    _taken(world, of, made)
    return Known(made)


def squat(world: World) -> Known:
    """A new account with a customer's name, and nearly the handle that the CRM has."""
    dice, of = world.dice, world.customer(is_single)
    made = profile(dice, of, platform=dice.of(ON_FILE), place=dice.chance(0.15))
    on_file(world, of, made)
    changes = (made.handle + "_", "_" + made.handle, made.handle + "1", made.handle[:-1])
    made.handle = dice.choice([*changes, made.handle.replace("l", "I") + "x"])
    made.name = of.name
    made.created = TODAY - timedelta(days=dice.randint(35, 360))
    made.followers = dice.randint(0, 40)
    return Known(made)


def _official(world: World, name: str, site: str, lang: str) -> Profile:
    dice = world.dice
    made = profile(dice, _stranger(world))
    made.name, made.lang, made.bio, made.url = name, lang, "Official", f"https://www.{site}"
    made.handle = on_network(dice, made.platform, plain(name)[:18])
    return made


def company(world: World) -> Known:
    of = world.customer(lambda one: bool(one.firm and one.records[0]["website"]))
    return Known(_official(world, of.firm, of.site, of.culture.lang), company=of.firm)


def agency(world: World) -> Known:
    """An agency writes for a client, and names the client's person to write to."""
    dice, of = world.dice, world.customer(lambda one: bool(one.firm))
    made = _official(world, f"{hobby(dice, of).split('_')[0]} PR", of.site, "en")
    made.bio = f"Press for {of.firm}"
    made.texts.append(f"For our client {of.firm}: contact {of.given.forms[0]}, {of.email}")
    return Known(made)


CASES: dict[str, tuple[Callable[[World], Known], float]] = {
    "N_random": (anybody, 50),
    "N_namesake_city": (namesake_city, 8),
    "N_namesake_noloc": (namesake_noloc, 6),
    "N_namesake_common": (namesake_common, 1.5),
    "N_family": (family, 5),
    "N_company": (company, 4),
    "N_third_order": (third_order, 4),
    "N_third_email": (third_email, 2),
    "N_third_phone": (third_phone, 1),
    "N_rival_order": (rival_order, 3),
    "N_brand_email": (brand_email, 2),
    "N_shop_address": (shop_address, 1.5),
    "N_couple_phone": (couple_phone, 1),
    "N_parody": (parody, 3),
    "N_recycled": (recycled, 3),
    "N_fan": (fan, 1),
    "N_squat": (squat, 3),
    "N_agency": (agency, 1),
}

"""What invented people show of themselves: handles, display names, places, and what they write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.linking_people import BRAND, HOBBIES, TODAY, Dice, Person, plain, world_words

PLATFORMS = {
    "x": 34,
    "instagram": 17,
    "facebook": 11,
    "reddit": 10,
    "trustpilot": 10,
    "bluesky": 8,
    "youtube": 5,
    "mastodon": 4,
    "threads": 1,
}
ON_FILE = {"x": 5, "instagram": 3, "facebook": 2}  # networks whose handles the CRM has columns of
_LEET = str.maketrans("aeio", "4310")
_BIOS = (
    "she/her",
    "runner. reader.",
    "caffeinated",
    "views my own",
    "cat person",
    "☕",
    "est. 1987",
)
_NOWHERE = ("🌍", "somewhere warm", "the cloud", "between two trains", "Planet Earth")
_NICKS = ("{0} addict", "the {0} one", "{0}&{1}", "{0}_junkie", "Capt. {0}", "{0} 4ever")


@dataclass(slots=True)
class Profile:
    """An account and what it wrote."""

    platform: str
    lang: str
    handle: str = ""
    name: str = ""
    bio: str = ""
    location: str = ""
    url: str = ""
    created: date | None = None
    followers: int = 0
    texts: list[str] = field(default_factory=list)


def profile(
    dice: Dice, one: Person, *, platform: str = "", shows: str = "name", place: bool = False
) -> Profile:
    """shows: "name", "given", "nick" or "script" of theirs; place: whether they say where from."""
    platform = platform or dice.of(PLATFORMS)
    lang = one.culture.lang if dice.chance(0.88) else "en"
    made = Profile(platform, lang)
    made.name = NAMES[shows](dice, one)
    hides = shows == "nick" or (shows == "given" and dice.chance(0.5))
    made.handle = on_network(dice, platform, hobby(dice, one) if hides else handle(dice, one))
    made.location = location(dice, one.town, str(one.culture.raw["land"])) if place else ""
    if not place and dice.chance(0.25):
        made.location = dice.choice([*_NOWHERE, str(one.culture.raw["land"])])
    if platform == "reddit" and dice.chance(0.6):
        made.name = ""  # most have none there
    made.bio = dice.choice(_BIOS) if dice.chance(0.35) else ""
    made.created = dice.day(date(2008, 3, 1), TODAY - timedelta(days=30))
    made.followers = int(dice.lognormvariate(4.2, 1.6))
    return made


def full_name(dice: Dice, one: Person) -> str:
    """As people write their own names: short forms, one surname, small letters, an initial."""
    given = dice.choice(one.given.forms) if dice.chance(0.35) else one.given.forms[0]
    last = one.surnames[0].forms[0]
    if dice.chance(0.3):
        last = dice.choice(one.surnames[0].forms)
    whole = f"{given} {last}"
    if one.culture.raw.get("family_first") and dice.chance(0.7):
        whole = f"{last} {given}"
    roll = dice.random()
    written = {
        0.14: whole.lower(),
        0.18: whole.upper(),
        0.26: f"{given} {last[0]}.",
        0.34: f"{given} {one.surname}",
        0.38: f"{last}, {given}",
        0.44: f"{whole} {dice.choice(['☕', '🌿', '🚲'])}",
        0.48: f"{whole} | {one.firm}" if one.firm else whole,
        0.52: " ".join(plain(part).capitalize() for part in whole.split()),
    }
    return next((text for below, text in written.items() if roll < below), whole)


def _in_script(_dice: Dice, one: Person) -> str:
    parts = [one.given, *one.surnames]
    return " ".join(part.script or part.forms[0] for part in parts)


def _nick(dice: Dice, one: Person) -> str:
    return dice.choice(_NICKS).format(one.hobby, dice.choice(HOBBIES))


NAMES = {
    "name": full_name,
    "given": lambda dice, one: dice.choice(one.given.forms),
    "nick": _nick,
    "script": _in_script,
}


def handle(dice: Dice, one: Person) -> str:
    """One that the name can be seen in, more or less."""
    umlauts = dice.chance(0.6) and one.culture.code == "de"
    given = plain(dice.choice(one.given.forms), umlauts=umlauts)
    last = plain(one.surnames[0].forms[0], umlauts=umlauts)
    year = f"{one.born % 100:02}" if dice.chance(0.6) else str(one.born)
    made = dice.choice(
        [
            *(f"{given}{last}", f"{given}.{last}", f"{given}_{last}", f"{last}{given}"),
            *(f"{given[0]}{last}", f"{given[0]}_{last}", f"{given}{last[0]}", f"{last}.{given[0]}"),
            *(f"{given}{last}{year}", f"{given}{year}", f"{last}{year}", f"{given}_{year}"),
            *(
                f"{given}{one.hobby}",
                f"{one.hobby}.{given}",
                f"soy{given}",
                f"ben{given}{last[:1]}",
            ),
            *(re.sub("[aeiou]", "", given + last), f"{given}{last}".translate(_LEET)),
            f"{given}.{plain(one.town[0])}",
        ]
    )
    return made if len(made) > 3 else f"{made}{last}{year}"  # noqa: PLR2004  as networks ask


def hobby(dice: Dice, one: Person) -> str:
    """One that says nothing of the name."""
    joined = dice.choice(["", "_", "."])
    return f"{one.hobby}{joined}{dice.choice(HOBBIES)}{dice.randint(1, 9999)}"


def on_network(dice: Dice, platform: str, name: str) -> str:
    """The same handle in the spelling the network allows."""
    if platform == "trustpilot":
        return ""
    if platform in {"x", "reddit"}:
        name = name.replace(".", dice.choice(["", "_"])) if platform == "x" else name
        name = name.replace(".", "-")[: 15 if platform == "x" else 20]
    if platform == "bluesky":
        return f"{name.replace('_', '-').replace('.', '-').strip('-')}.bsky.social"
    if platform == "mastodon":
        return f"{name.replace('.', '_')}@{dice.choice(['toet', 'kafe', 'plaza'])}.example"
    return name.capitalize() if dice.chance(0.1) else name


def location(dice: Dice, town: Sequence[str], land: str) -> str:
    """A town in one of its names, often with more around it."""
    said = dice.choice(town) if dice.chance(0.4) else town[0]
    return dice.choice([said, said, said.lower(), f"{said}, {land}", f"📍{said}", f"{said} ✈"])


def evidence(dice: Dice, made: Profile, kind: str, key: str, *, in_bio: float = 0) -> None:
    """Have the account say something with this key in it: in a post, or at times in its bio."""
    said = dice.choice(talk(made.lang)[kind]).format(key=key)
    if in_bio and dice.chance(in_bio) and made.platform != "trustpilot":
        made.bio = f"{made.bio} {said}".strip()
    else:
        made.texts.append(f"{chatter(dice, made.lang)} {said}")


def chatter(dice: Dice, lang: str) -> str:
    brand = dice.choice([f"@{BRAND}coffee", BRAND.capitalize(), f"#{BRAND}", f"@{BRAND}coffee"])
    return str(dice.choice(talk(lang)["plain"]).format(brand=brand))


def talk(lang: str) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = world_words()["talk"][lang]
    return found


def typed_at(dice: Dice, email: str) -> str:
    """An address as people hide it from machines."""
    local, _, host = email.partition("@")
    at, dot = dice.choice([(" at ", " dot "), ("(at)", "."), (" [at] ", " [dot] "), (" @ ", ".")])
    return f"{local}{at}{host.replace('.', dot)}"


def typed_order(dice: Dice, order_id: str) -> str:
    """An order number as people type it."""
    forms = [order_id, order_id.lower(), order_id.replace("-", " "), f"#{order_id}"]
    return dice.choice([*forms, order_id.replace("BR26-", "BR26"), order_id])


def typed_handle(dice: Dice, platform: str, name: str) -> str:
    """A handle as somebody typed it into the CRM."""
    site = {"x": "x.com", "instagram": "www.instagram.com", "facebook": "facebook.com"}[platform]
    return dice.choice([name, f"@{name}", f"https://{site}/{name}", f"{site}/{name}/"])

"""Sources: the health of each, and what the figures leave out."""

from zoneinfo import ZoneInfo

from alerts.digest import words
from alerts.escape import cut, one_line
from domain.digest import (
    Digest,
    Linking,
    SourceHealth,
    Spending,
)
from domain.elements import Element, Health, HealthRow, Notes, Section
from domain.money import shown
from domain.mute import Mute
from domain.network import Networks
from domain.volume import DayVolume

MOST = 5  # people named in a sentence
NAME = 40  # characters of a name in it
REASON = 120  # and of what is muted and why


def sources(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    tz = ZoneInfo(digest.timezone)
    rows = tuple(_row(one, tz, networks) for one in digest.health)
    health = Health(rows, "No source is configured yet.")
    return (Section("Sources", (health, Notes(_notes(digest, networks)))),)


def _row(health: SourceHealth, tz: ZoneInfo, networks: Networks) -> HealthRow:
    return HealthRow(
        name=one_line(networks.title_of(health.source)),
        mentions=words.number(health.mentions),
        last_ok="never" if health.last_ok_at is None else words.instant(health.last_ok_at, tz),
        trouble=one_line(health.trouble),
        gaps=tuple(one_line(gap) for gap in health.gaps),
    )


def _notes(digest: Digest, networks: Networks) -> tuple[str, ...]:
    notes = [
        _unsure(digest.days),
        _unscored(digest.days, digest.unread),
        _hidden(digest.hidden),
        _dismissed(digest.dismissed),
        *(_muted(mute, digest) for mute in digest.mutes),
        *(_spent(spent, networks) for spent in digest.spending),
        _linking(digest.linking, len(digest.days)),
    ]
    return tuple(filter(None, notes))


def _linking(linking: Linking, days: int) -> str:
    """What the customers' part of the numbers rests on."""
    if not linking.authors:
        return ""
    linked, allowed = words.number(linking.linked), words.many(linking.allowed, "author")
    where = f"; {words.number(linking.forbidden)} more wrote where that is forbidden"
    return (
        f"{linked} of {allowed} in {days} days are linked to a customer"
        f"{where if linking.forbidden else ''}."
    )


def _unsure(days: tuple[DayVolume, ...]) -> str:
    unsure, total = sum(one.unsure for one in days), sum(one.total for one in days)
    if not unsure:
        return ""
    return (
        f"{words.number(unsure)} of {words.many(total, 'mention')} in {len(days)} days are unsure:"
        " no tone holds even half of the probability. They count as volume and in no tone above;"
        " the scores take their probabilities as they are."
    )


def _unscored(days: tuple[DayVolume, ...], unread: tuple[tuple[str, int], ...]) -> str:
    unscored, total = sum(one.unscored for one in days), sum(one.total for one in days)
    if not unscored:
        return ""
    return (
        f"{words.number(unscored)} of {words.many(total, 'mention')} in {len(days)} days"
        " are not scored (no text, a language the model does not read, or still in the queue):"
        " they count as volume and in no score, because a guessed tone would be worse than none."
        f"{_languages(unread)}"
    )


def _languages(unread: tuple[tuple[str, int], ...]) -> str:
    if not unread:
        return ""
    others = sum(count for _, count in unread[MOST:])
    counts = [f"{words.number(count)} {one_line(code)}" for code, count in unread[:MOST]]
    counts += [f"{words.number(others)} in others"] if others else []
    return f" By language that no model reads: {', '.join(counts)}."


def _hidden(hidden: tuple[tuple[str, int], ...]) -> str:
    total = sum(count for _, count in hidden)
    if not total:
        return ""
    why = ", ".join(f"{words.number(count)} {one_line(reason)}" for reason, count in hidden)
    return (
        f"{words.many(total, 'mention')} of the day hidden as noise: {why}. They count nowhere;"
        " earshot mentions --hidden lists them."
    )


def _dismissed(dismissed: tuple[tuple[str, int], ...]) -> str:
    total = sum(count for _, count in dismissed)
    if not total:
        return "No incident was dismissed."
    shown = sorted(dismissed, key=lambda one: -one[1])[:MOST]
    by = [f"{words.number(n)} by {cut(one_line(who), NAME) or 'unknown'}" for who, n in shown]
    others = total - sum(count for _, count in shown)
    people = ", ".join([*by, *([f"{words.number(others)} by others"] if others else [])])
    incidents = words.many(total, "dismissed incident")
    return f"{incidents} excluded from the answer figures: {people}."


def _muted(mute: Mute, digest: Digest) -> str:
    """What the channel did not hear of because somebody asked for it."""
    until = words.instant(mute.ends_at, ZoneInfo(digest.timezone))
    by, why = cut(one_line(mute.by), NAME), cut(one_line(mute.reason), REASON)
    return (
        f"Muted: {cut(one_line(mute.name), REASON)} until {until},"
        f" {words.many(mute.kept_quiet, 'incident')} kept quiet, by {by}: {why}"
    )


def _spent(spent: Spending, networks: Networks) -> str:
    """What the source has cost, and what one alert that was of use has cost this month."""
    network = one_line(networks.title_of(spent.source))
    costs = (
        f"{network} cost {shown(spent.yesterday)} yesterday and {shown(spent.month)} this month of "
        f"{shown(spent.budget)}, for all brands together; "
    )
    if not spent.useful_alerts:
        return f"{costs}no alert of this month was of use yet."
    each = spent.month / spent.useful_alerts
    return f"{costs}{shown(each)} per useful alert ({words.number(spent.useful_alerts)})."

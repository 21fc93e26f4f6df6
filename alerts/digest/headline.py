"""The digest's first sentence: what changed, and what to do first."""

from collections.abc import Sequence

from alerts.digest import words
from alerts.escape import cut, one_line
from alerts.letters import up_first
from domain.digest import Digest, OpenIncident
from domain.incident import State
from domain.network import Networks

LOUD = 2.0  # times the usual day
LOUD_FROM = 5  # negative mentions; below that twice the usual is noise
BUSY_FROM = 10  # mentions
NAME = 60  # characters


def headline(digest: Digest, networks: Networks) -> str:
    """One sentence, its names cleaned and cut: whoever draws it escapes."""
    sentence = f"{_changed(digest)}: {_first(digest, networks)}."
    return up_first(sentence)


def _changed(digest: Digest) -> str:
    """The one or two changes worth a headline, else how many mentions there were."""
    clauses = [clause for clause in (_tone(digest), _score(digest)) if clause]
    return " and ".join(clauses) or _volume(digest)


def _tone(digest: Digest) -> str:
    if not digest.days:
        return ""
    now = digest.days[-1].negative
    usual = words.usual([one.negative for one in digest.days[:-1]])
    if usual is None or now < LOUD_FROM or now < LOUD * usual:
        return ""
    return (
        f"negative mentions rose to {words.number(now)} from a usual {words.number(round(usual))}"
    )


def _score(digest: Digest) -> str:
    """A rise or a fall that is more than chance, of what is alike on both days."""
    score, found = digest.reputation.score, digest.comparison
    if score is None or found is None or found.like_for_like is None or not found.beyond_chance:
        return ""
    verb = "rose" if found.like_for_like > 0 else "fell"
    by, now = words.score(abs(found.like_for_like)), words.score(score)
    final = ", not final" if digest.not_final else ""
    if found.change is not None and words.score(abs(found.change)) == by and not found.lines:
        told = f"reputation {verb} by {by} to {now} in seven days"
        return f"{told} (not final)" if final else told
    return f"reputation {verb} by {by} like for like in seven days (it is {now}{final})"


def _volume(digest: Digest) -> str:
    last = digest.days[-1] if digest.days else None
    if last is None or not last.total:
        troubled = any(source.trouble for source in digest.health)
        return "no mentions, and not every source answers" if troubled else "no mentions yesterday"
    usual = words.usual_total(digest.days)
    sentence = (
        f"{words.many(last.total, 'mention')} yesterday, {words.number(last.negative)} negative"
    )
    if usual is None:
        return sentence
    if last.total >= BUSY_FROM and last.total >= LOUD * usual:
        return f"{sentence}, twice the usual {words.number(round(usual))} or more"
    if usual >= BUSY_FROM and last.total * LOUD <= usual:
        return f"only {sentence}, half the usual {words.number(round(usual))} or less"
    return f"an ordinary day, {sentence}"


def _first(digest: Digest, networks: Networks) -> str:
    awake = [one for one in digest.open_incidents if one.incident.state is not State.SNOOZED]
    if awake:
        return _answer(digest, awake)
    troubled = [networks.title_of(one.source) for one in digest.health if one.trouble]
    if troubled:
        first = " and ".join(cut(one_line(title), NAME) for title in troubled[:2])
        return f"{_calm(digest)}, so look after {first} first"
    return _calm(digest)


def _calm(digest: Digest) -> str:
    """Who waits although no incident asks for an answer now."""
    if digest.open_incidents:
        return f"every open incident is snoozed ({words.number(len(digest.open_incidents))})"
    if digest.customers_waiting:
        waiting = words.many(digest.customers_waiting, "known customer")
        return f"no incident is open, {waiting} without an answer"
    return "nobody waits for an answer"


def _answer(digest: Digest, awake: Sequence[OpenIncident]) -> str:
    first, now = awake[0], digest.made_at
    late = sum(one.incident.due_at <= now for one in awake[1:])
    others = f", {words.number(late)} more overdue" if late else ""
    return f"answer {_name(first)} first, {words.due(first.incident.due_at, now)}{others}"


def _name(one: OpenIncident) -> str:
    customer = one.incident.customer
    quote = one.quote
    known = (customer.name,) if customer else ()
    handle = one_line(quote.author_handle)
    handle = f"@{handle}" if handle else ""
    named = (*map(one_line, (*known, quote.author_name)), handle)
    name = cut(next(filter(None, named), "the oldest incident"), NAME)
    tier = cut(one_line(customer.tier), NAME) if customer else ""
    return f"{name} ({tier})" if tier else name

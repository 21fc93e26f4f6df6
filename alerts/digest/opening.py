"""How the digest opens: whose it is, what changed and what to do first, and three figures."""

from alerts.digest import words
from alerts.digest.headline import headline
from alerts.escape import cut, one_line
from domain.digest import Digest
from domain.elements import Element, Heading, Tile, Tiles
from domain.network import Networks

NAME = 60  # characters of the brand's name


def opening(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    return _opening(digest, networks, "")


def mail_opening(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    """The same with the word digest, for readers who see no other title."""
    return _opening(digest, networks, "morning digest, ")


def _opening(digest: Digest, networks: Networks, what: str) -> tuple[Element, ...]:
    brand = cut(one_line(digest.brand), NAME)
    sent = f"{digest.date:%A} {digest.date.day} {digest.date:%B %Y}"
    return Heading(f"{brand}: {what}{sent}", headline(digest, networks)), _glance(digest)


def _glance(digest: Digest) -> Tiles:
    late = sum(one.incident.due_at <= digest.made_at for one in digest.open_incidents)
    waiting = words.number(len(digest.open_incidents))
    value = words.money(digest.value_waiting)
    total = digest.days[-1].total if digest.days else 0
    usual = words.usual_total(digest.days)
    noun = "mention" if total == 1 else "mentions"
    note = noun if usual is None else f"{noun}, usually {words.number(round(usual))}"
    return Tiles(
        (
            Tile("Waiting", waiting, f"{words.number(late)} overdue"),
            Tile("Value at risk", value, words.many(digest.customers_waiting, "customer")),
            Tile("Yesterday", words.number(total), note),
        )
    )

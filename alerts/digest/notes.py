"""How the numbers are made, and when."""

from zoneinfo import ZoneInfo

from alerts.digest import words
from alerts.escape import cut, one_line
from domain.clock import iso
from domain.digest import Digest
from domain.elements import Element, Notes
from domain.network import Networks

NAME = 40  # characters of a formula's name


def made(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    return (Notes((_made(digest),)),)


def how_made(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    return (Notes((*_formulas(digest), _made(digest)), "How the numbers are made"),)


def _formulas(digest: Digest) -> tuple[str, ...]:
    formula = cut(one_line(digest.reputation.formula), NAME)
    labelled = digest.reputation.labelled
    errors = (
        f"are in it as far as {words.many(labelled, 'label')} show them"
        if labelled
        else "are not in it"
    )
    score = (
        f"Reputation ({formula}) runs from 0 to 100 over {digest.window.days} days. A person is one"
        " voice however often they write, and a customer on however many accounts; what has no"
        " author is nobody's. A part counts by how many persons it rests on. The 95% interval is"
        f" the chance in who happened to write; the model's own errors {errors}."
    )
    compared = (
        "Like for like compares two days on the sources that both heard and by one model; what"
        " changed with them is told beside."
    )
    proxy = (
        "NPS-proxy is promoters minus detractors among the persons who wrote, from"
        f" {words.MINUS}100 to +100. It is not NPS: nobody was asked."
    )
    answers = (
        "Answer times stand twice: among the answered only, which flatters, and with those still"
        " waiting counted as waiting (Kaplan-Meier). Not reached: too few have an answer so far."
    )
    return score, compared, proxy, answers


def _made(digest: Digest) -> str:
    tz = ZoneInfo(digest.timezone)
    return (
        f"Days run from midnight to midnight in {one_line(digest.timezone)}. Made by Earshot on"
        f" {words.instant(digest.made_at, tz)} ({iso(digest.made_at)})."
    )

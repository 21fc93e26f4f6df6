"""A listing: one mention under one brand, and how far it has come there."""

from datetime import timedelta
from enum import StrEnum

HISTORY = timedelta(days=7)  # imported or back-filled, a mention older than this opens no incident


class Role(StrEnum):
    """What a mention is to a brand."""

    BRAND = "brand"  # said of the brand: scored, triaged, counted
    COMPETITOR = "competitor"  # said of a competitor: scored and counted for share of voice only
    OWN = "own"  # written by the brand itself: may answer, is never counted


class Stage(StrEnum):
    """How far a mention has come for one brand; a crash repeats the step from here."""

    COLLECTED = "collected"
    SCORED = "scored"
    DONE = "done"


class NoAnswer(StrEnum):
    """Why a post of the brand's own answers nobody."""

    MAY = ""  # it may be an answer
    AUTOMATIC = "automatic"  # by an account, or with words, that answer by themselves
    DELETED = "deleted"  # taken back so soon that nobody can be said to have had it


class Naming(StrEnum):
    """Whether a mention is listed because it names the brand."""

    OTHERWISE = ""  # it belongs to its conversation, or nobody knows
    FORMERLY = "formerly"  # an older version named it, the newest one does not
    NAMED = "named"

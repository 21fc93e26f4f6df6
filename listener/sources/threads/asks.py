"""What Threads is asked. No client library is imported here."""

from dataclasses import replace

from listener.query import Compiled, Dialect, compiled
from listener.source import Watch

_DIALECT = Dialect(
    network="Threads",
    longest=100,  # its manual names no limit; names and short phrases are far below this
    either=None,
    without=None,
    groups=False,
    phrases=False,
    source="threads",
)


def searches(watch: Watch) -> Compiled:
    """One search for each alternative of the query.

    Always matched here as well: the manual does not say whether a keyword finds whole words only.
    """
    found = compiled(watch.query, _DIALECT)
    return replace(found, left_here=(*found.left_here, "whole words"))

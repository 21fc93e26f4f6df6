"""What a CRM's export looks like: its columns, and the ones that give it away."""

from collections.abc import Mapping
from dataclasses import dataclass

Columns = Mapping[str, tuple[str, ...]]  # our field -> their columns, the best first


@dataclass(frozen=True, slots=True)
class System:
    """One CRM or shop. Columns are compared by their letters and digits, in lower case."""

    name: str
    marks: tuple[tuple[str, ...], ...]  # all columns of any one of these: it is this system's file
    customer: Columns
    order: Columns
    prefix: str = ""  # before every column's name in some of its exports

"""Groups of things that are one, some of which must never be."""

from collections import defaultdict
from collections.abc import Collection


class Groups:
    """Ids that were joined, whatever the order; those kept apart stay apart."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._apart: dict[int, set[int]] = defaultdict(set)  # by the ids that stand for groups

    def of(self, one: int) -> int:
        """The id that stands for this one's group: the same for all of it."""
        root = one
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(one, root)) != root:
            self._parent[one], one = root, parent
        return root

    def keep_apart(self, one: int, other: int) -> None:
        one, other = self.of(one), self.of(other)
        self._apart[one].add(other)
        self._apart[other].add(one)

    def join(self, ids: Collection[int]) -> None:
        """Make one group of these and all they are joined to; nothing where two are kept apart."""
        roots = {self.of(one) for one in ids}
        if self._apart and any(not roots.isdisjoint(self._apart.get(one, ())) for one in roots):
            return
        stands = min(roots, default=0)
        for root in roots - {stands}:
            self._parent.setdefault(stands, stands)
            self._parent[root] = stands
            for other in self._apart.pop(root, ()):
                self._apart[other].discard(root)
                self.keep_apart(stands, other)

    def all(self) -> list[list[int]]:
        """The members of each group of several."""
        found: dict[int, list[int]] = defaultdict(list)
        for one in self._parent:
            found[self.of(one)].append(one)
        return list(found.values())

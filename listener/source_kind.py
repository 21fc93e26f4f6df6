"""An entry of the registry of sources: how a source is configured, made and queried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import ConfigError
from listener.hearing import Unlike, anybody
from listener.query import Compiled
from listener.settings import SourceSettings
from listener.source import Source, Watch


@dataclass(frozen=True, slots=True)
class SourceKind:
    settings: type[SourceSettings]  # the model of its [sources.NAME] table
    make: Callable[[SourceSettings], Source]  # raises ConfigError when keys are missing
    asks: Callable[[Watch], Compiled]  # the query in the network's words; ConfigError if too long
    recorded: bool = True  # tested against recorded answers; else built on the documented shapes
    shared: bool = False  # read once per pass for all brands, and matched here
    unlike: Unlike = anybody  # why it does not hear some brands alike; see listener.hearing

    def unheard(self, settings: SourceSettings, watches: Sequence[Watch]) -> str:
        """Why these cannot be compared by what it brings, in a sentence; "" when they can."""
        for one in watches:
            try:
                self.asks(one)
            except ConfigError as error:
                return f"it cannot be asked for {one.brand}: {error}"
        return self.unlike(settings, watches)


def everything(_watch: Watch) -> Compiled:
    """For a source without search: everything is fetched, and matched here."""
    return Compiled((), ("everything",))


def own_place(_watch: Watch) -> Compiled:
    """For a source that is one brand's own page or app: everything there is about that brand."""
    return Compiled((), ())

"""An entry of the registry of CRMs and shops with an API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from crm.api.settings import ApiSettings
from crm.api.source import CrmSource
from domain.errors import ConfigError

S = TypeVar("S", bound=ApiSettings)


@dataclass(frozen=True, slots=True)
class CrmKind:
    settings: type[ApiSettings]  # the model of its [crm.NAME] table, a field of CrmSettings, too
    # With the country of telephone numbers that have none; imports what speaks HTTP only now.
    make: Callable[[ApiSettings, str], CrmSource]


def given(model: type[S], settings: ApiSettings) -> S:
    """The settings as the model that this system has. Raises ConfigError when they are others'."""
    if not isinstance(settings, model):
        raise ConfigError(f"{type(settings).__name__} given where {model.__name__} belongs")
    return settings

"""An entry of the registry of CRMs and shops with an API."""

from collections.abc import Callable
from dataclasses import dataclass

from crm.api.settings import ApiSettings
from crm.api.source import CrmSource


@dataclass(frozen=True, slots=True)
class CrmKind:
    settings: type[ApiSettings]  # the model of its [crm.NAME] table, a field of CrmSettings, too
    # With the country of telephone numbers that have none; imports what speaks HTTP only now.
    make: Callable[[ApiSettings, str], CrmSource]

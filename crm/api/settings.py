"""What the [crm.NAME] tables of systems with an API have in common; it imports no HTTP."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from domain.network import NETWORKS, name_of
from net.settings import Every, ServiceSettings


def _not_too_often(value: timedelta) -> timedelta:
    if value < timedelta(minutes=1):
        raise ValueError("is too often: write 1m or more")
    return value


def _network(value: str) -> str:
    found = name_of(value)
    if found not in NETWORKS or not NETWORKS[found].handle:
        raise ValueError("is no network whose people have handles")
    return found


Network = Annotated[str, AfterValidator(_network)]


class ApiSettings(ServiceSettings):
    """What every one of these tables has."""

    every: Annotated[Every, AfterValidator(_not_too_often)] = timedelta(minutes=15)

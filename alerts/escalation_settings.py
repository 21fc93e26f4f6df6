"""The [[alerts.escalations]] tables of config.toml, and the steps as shipped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.errors import ConfigError
from domain.escalation import CHANNEL, THREAD, Telling, is_id, share_and_length
from domain.incident import Severity


def _after(text: str) -> str:
    try:
        share_and_length(text)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    return text


def _tell(whom: str) -> str:
    if whom != THREAD and not is_id(whom):
        raise ValueError(
            'is neither "thread" nor an id of Slack: copy that of a person (U…) '
            "or of a user group (S…)"
        )
    return whom


def _channel(where: str) -> str:
    if not CHANNEL.fullmatch(where):
        raise ValueError("is not the id of a channel (C…): copy it from Slack")
    return where


class StepSettings(BaseModel):
    """One step of an [[alerts.escalations]] table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[str, AfterValidator(_after)]
    tell: Annotated[str, AfterValidator(_tell)]
    channel: Annotated[str, AfterValidator(_channel)] | None = None

    @model_validator(mode="after")
    def _thread_stays(self) -> Self:
        if self.tell == THREAD and self.channel is not None:
            raise ValueError('tell = "thread" is told where the incident is: leave out channel')
        return self

    @property
    def telling(self) -> Telling:
        return Telling(self.after, self.tell, self.channel or "")


class EscalationSettings(BaseModel):
    """One [[alerts.escalations]] table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    severities: tuple[Severity, ...] = ()  # none: only rules that name it
    steps: tuple[StepSettings, ...]  # none: nobody is reminded


def each_once(escalations: tuple[EscalationSettings, ...]) -> tuple[EscalationSettings, ...]:
    """Raises ValueError where a name, or a severity, stands in two of them."""
    names = [one.name for one in escalations]
    levels = [level for one in escalations for level in one.severities]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two escalations are called {name!r}: give each its own name")
    for level in levels:
        if levels.count(level) > 1:
            raise ValueError(f"severity {level} stands in two escalations: name it once")
    return escalations


_HALF, _DUE = Telling("50%", THREAD), Telling("100%", THREAD)
_AGAIN = tuple(Telling(f"100%+{minutes}m", THREAD) for minutes in (60, 120, 180))
_SHIPPED: Mapping[Severity, Sequence[Telling]] = {Severity.LOW: (_DUE,)}


def policy(
    escalations: Iterable[EscalationSettings], severity: Severity, named: str | None
) -> Sequence[Telling]:
    """The steps for an incident of this severity. named: the escalation its rule asks for."""
    for one in escalations:
        if one.name == named or (named is None and severity in one.severities):
            return [step.telling for step in one.steps]
    return _SHIPPED.get(severity, (_HALF, _DUE, *_AGAIN))

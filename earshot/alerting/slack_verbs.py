"""Which verb follows from which button: the same ones as the command line's."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.press import Verb
from earshot.alerting import actions
from earshot.core.app import App

# What is called with the application, the incident and what was chosen or answered.
Do = Callable[..., object]


def _without_choice(do: Do) -> Do:
    return lambda app, incident_id, _chosen, **more: do(app, incident_id, **more)


VERBS: Mapping[Verb, Do] = {
    Verb.ACKNOWLEDGE: _without_choice(actions.acknowledge),
    Verb.ASSIGN: actions.assign,
    Verb.SNOOZE: actions.snooze,
    Verb.RESOLVE: actions.resolve,
    Verb.WRONG_TONE: actions.wrong_tone,
    Verb.NOT_CUSTOMER: _without_choice(actions.not_this_customer),
    Verb.NOT_ABOUT_US: _without_choice(actions.not_about_us),
    Verb.SEVERITY: actions.set_severity,
    Verb.NOTE: actions.note,
}
ADDS = (Verb.NOTE,)  # whatever has been decided meanwhile, it can be said


def do(
    app: App,
    verb: Verb,
    incident_id: int,
    chosen: Any = None,  # noqa: ANN401  what the verb asks for
    *,
    by: str,
    now: datetime,
    version: int | None,
) -> None:
    """Do it. Raises EarshotError with the sentence to show when it is too late or makes no sense.

    version: of the incident as the person saw it.
    """
    seen = None if verb in ADDS else version
    VERBS[verb](app, incident_id, chosen, by=by, now=now, version=seen)

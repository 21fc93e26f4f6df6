"""The ways in from Slack while the service runs: Socket Mode, signed HTTP, one desk behind both."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

from alerts.slack.endpoint import PATH, route
from alerts.slack.settings import SlackSettings
from alerts.slack.socket import Socket, open_connection
from earshot.alerting.slack_events import Events
from earshot.alerting.slack_queue import Desk
from earshot.core.app import App
from net.server import Route


@contextmanager
def serving(app: App, *, clock: Callable[[], datetime]) -> Iterator[Mapping[str, Route]]:
    """Take presses meanwhile. Yields what the web server is to take, by path."""
    settings = app.config.top.alerts.slack
    if settings is None or not settings.ready or not settings.pressable:
        yield {}
        return
    desk = Desk(Events(app, settings, clock=clock), clock=clock)
    socket = Socket(settings, desk.receive) if settings.app_token is not None else None
    desk.start()
    if socket is not None:
        socket.start()
    try:
        yield _routes(settings, desk, clock)
    finally:
        _stop(desk, socket)


def _routes(
    settings: SlackSettings, desk: Desk, clock: Callable[[], datetime]
) -> Mapping[str, Route]:
    if settings.signing_secret is None:
        return {}
    return {PATH: route(settings.signing_secret.get_secret_value(), desk.receive, clock=clock)}


def _stop(desk: Desk, socket: Socket | None) -> None:
    """Take nothing more, finish what was taken, and hang up meanwhile."""
    desk.close()
    closing = Thread(target=socket.stop, daemon=True) if socket is not None else None
    if closing is not None:
        closing.start()
    desk.stop()
    if closing is not None:
        closing.join()


def check(settings: SlackSettings) -> str:
    """Whether presses can come in, in a sentence for `doctor`. Raises RemoteError."""
    if not settings.pressable:
        return (
            "nobody can press a button: set [alerts.slack] app_token for Socket Mode, or "
            "signing_secret for signed HTTP (docs/slack.md)"
        )
    said = []
    if settings.app_token is not None:
        open_connection(settings)
        said.append("Socket Mode answers; earshot run keeps it up")
    else:
        said.append("no app_token, so no Socket Mode")
    if settings.signing_secret is not None:
        said.append("signing_secret is set")
    else:
        said.append("no signing_secret, so no signed HTTP")
    return "; ".join(said)

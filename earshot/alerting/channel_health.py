"""What is remembered of the channel that carries our messages, when it fails."""

from datetime import datetime, timedelta

from domain.errors import RemoteError
from earshot.core import circuit_breaker
from earshot.core.app import App


def channel_failed(app: App, error: RemoteError, *, now: datetime) -> None:
    """Remember that the channel fails, and leave it alone where it asks for it."""
    channel = app.channel
    if channel.settings is None:
        return
    circuit_breaker.failed(
        app.database,
        channel.name,
        error,
        now=now,
        settings=channel.settings,
        # Each message has its own pause; all of them wait only where the channel asks for it.
        alone=error.retry_after or timedelta(),
        # What it refuses for good it says in its own JSON: no gateway's page looks like that.
        sure=True,
    )

"""Mail to folders of a mail server."""

from listener.hearing import mailboxes
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, everything
from listener.sources.email.settings import EmailSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.email.source import EmailSource  # noqa: PLC0415

    return EmailSource(given(EmailSettings, settings))


KIND = SourceKind(EmailSettings, _make, everything, recorded=False, shared=True, unlike=mailboxes)

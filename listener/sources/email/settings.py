"""The [sources.email] table of config.toml."""

from typing import Annotated

from pydantic import Field, SecretStr

from listener.keys import Folder, MailServer, MailUser, Password
from listener.settings import OneBrandSettings


class EmailSettings(OneBrandSettings):
    """The [sources.email] table; with a brand all mail is about it, else it is matched."""

    base_url: MailServer | None = None  # the mail server; there is none that could be meant
    user: MailUser = ""
    password: Password = SecretStr("")
    folders: Annotated[tuple[Folder, ...], Field(min_length=1)] = ("INBOX",)

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("base_url", "user", "password")

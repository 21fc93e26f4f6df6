"""The [alerts.slack] table of config.toml; reading it imports no Slack client."""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class SlackSettings(BaseModel):
    """The [alerts.slack] table of config.toml. Without a token alerts go to the console."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr | None = None  # xoxb-…
    app_token: SecretStr | None = None  # xapp-…, for buttons by Socket Mode
    signing_secret: SecretStr | None = None  # for buttons by signed HTTP
    allow_group: str = Field(default="", pattern="^(S[A-Z0-9]{1,29})?$")  # who may press; "": all
    channel: str = Field(default="", max_length=80)  # its ID (C…) rather than its #name
    base_url: str = "https://slack.com/api/"

    @field_validator("bot_token", "app_token", "signing_secret")
    @classmethod
    def _one_word(cls, token: SecretStr | None) -> SecretStr | None:
        """http.client shows a header it refuses, token and all: refuse it here, unseen."""
        if token is None or not token.get_secret_value().strip():
            return None
        bare = token.get_secret_value().strip()
        if not (bare.isascii() and bare.isprintable() and " " not in bare):
            raise ValueError("is not a Slack token or secret: it must be one word of plain letters")
        return SecretStr(bare)

    @field_validator("base_url")
    @classmethod
    def _folder(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("is not a web address like https://slack.com/api/")
        return (
            url.rstrip("/") + "/"
        )  # slack_sdk joins by urljoin, which drops a last part without /

    @property
    def pressable(self) -> bool:
        """Whether Slack brings us what is pressed, replied and typed."""
        return self.app_token is not None or self.signing_secret is not None

    @property
    def ready(self) -> bool:
        """Whether there is enough to send anything."""
        return self.bot_token is not None and bool(self.channel)

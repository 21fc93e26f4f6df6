"""The [sources.youtube] table of config.toml."""

from typing import Annotated

from pydantic import Field, SecretStr

from listener.keys import Channel, Video
from listener.settings import SourceSettings
from net.settings import Secret


class YoutubeSettings(SourceSettings):
    """The [sources.youtube] table."""

    api_key: Secret = SecretStr("")
    brand: str = ""  # whose channels and videos these are; "": nobody's, what names a brand counts
    channels: tuple[Channel, ...] = ()
    videos: tuple[Video, ...] = ()
    searches_per_day: Annotated[int, Field(ge=0, le=100)] = 20  # for each brand and competitor

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("api_key",)

import subprocess
import sys
from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.errors import ConfigError
from listener.settings import SourceSettings
from listener.sources import SOURCES
from listener.sources.reddit.settings import RedditSettings
from listener.sources.rss.settings import RssSettings
from listener.sources.x.settings import XSettings
from listener.sources.youtube.settings import YoutubeSettings


def test_a_source_is_off_until_it_is_asked_for() -> None:
    for kind in SOURCES.values():
        made = kind.settings()
        assert (made.enabled, made.every) == (False, timedelta(minutes=15))


@pytest.mark.parametrize(
    ("model", "table", "key"),
    [
        pytest.param(XSettings, {"token": "s3cret"}, "token", id="unknown key"),
        pytest.param(XSettings, {"every": "s3cret"}, "every", id="no duration"),
        pytest.param(XSettings, {"every": 15}, "every", id="a number"),
        pytest.param(XSettings, {"every": "0m"}, "every", id="zero"),
        pytest.param(XSettings, {"base_url": "s3cret"}, "base_url", id="no address"),
        pytest.param(XSettings, {"base_url": "ftp://s3cret"}, "base_url", id="another scheme"),
        pytest.param(XSettings, {"base_url": "http://u:s3cret@h"}, "base_url", id="password"),
        pytest.param(XSettings, {"bearer_token": "s3cret two"}, "bearer_token", id="space"),
        pytest.param(XSettings, {"bearer_token": "s3cret\r\nX: y"}, "bearer_token", id="lines"),
        pytest.param(XSettings, {"bearer_token": ["s3cret"]}, "bearer_token", id="a list"),
        pytest.param(XSettings, {"enabled": True}, "bearer_token", id="enabled without token"),
        pytest.param(
            RedditSettings, {"enabled": True, "client_id": "a"}, "client_secret", id="key"
        ),
        pytest.param(RedditSettings, {"subreddits": ["../../etc"]}, "subreddits", id="subreddit"),
        pytest.param(RssSettings, {"feeds": ["file:///s3cret"]}, "feeds", id="file as feed"),
        pytest.param(RssSettings, {"feeds": ["http://u:s3cret@h/"]}, "feeds", id="feed, password"),
        pytest.param(YoutubeSettings, {"enabled": True}, "api_key", id="enabled without key"),
        pytest.param(YoutubeSettings, {"videos": ["../watch?v"]}, "videos", id="video"),
        pytest.param(YoutubeSettings, {"channels": ["@acme"]}, "channels", id="channel"),
        pytest.param(YoutubeSettings, {"searches_per_day": 101}, "searches_per_day", id="searches"),
    ],
)
def test_a_wrong_table_names_the_key_and_no_secret(
    model: type[SourceSettings], table: dict[str, object], key: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(table)
    assert key in str(caught.value)
    if key != "every":  # a duration is no secret, and its error shows it
        assert "s3cret" not in str(caught.value)


def test_a_secret_from_a_file_loses_its_newline() -> None:
    made = XSettings.model_validate({"enabled": True, "bearer_token": "abc\n"})
    assert made.bearer_token.get_secret_value() == "abc"
    assert "abc" not in repr(made)


def test_settings_of_another_source_are_refused() -> None:
    with pytest.raises(ConfigError, match="XSettings"):
        SOURCES["x"].make(RedditSettings())


def test_the_registry_loads_no_client_library() -> None:
    program = (
        "import sys; import listener.sources, listener.imports;"
        "known = {'tweepy', 'praw', 'requests', 'atproto', 'mastodon'};"
        "print(sorted(known & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

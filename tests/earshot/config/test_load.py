"""Every problem at once, each with its key and no secret; and the project's own config.toml."""

import re
import tomllib
import traceback
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, SecretStr

from alerts.rules import CATCH_ALL
from alerts.slack.settings import SlackSettings
from domain.brand import OwnAccount
from domain.errors import ConfigError
from earshot.config.load import load
from earshot.config.model import Config
from earshot.config.tables import HoursSettings, TopLevel
from listener.settings import WebhookSettings
from listener.sources import SOURCES
from listener.sources.reddit.settings import RedditSettings
from listener.sources.x.settings import XSettings

ROOT = Path(__file__).parents[3]
DEFAULT = ROOT / "config.toml"
BAD = sorted((Path(__file__).parent / "bad_configs").glob("*.toml"))
CANARY = "CANARY"
BRAND = '[[brands]]\nname = "Acme"\nquery = "acme"\n'
# A commented key or table of config.toml: prose in a comment never looks like this.
COMMENTED = re.compile(r"^# (?=\[{1,2}[a-z.]+\]{1,2}$|[a-z_]+ = )", re.MULTILINE)

# What a file that a key refers to has to look like.
SECRET_FILES = {
    "private_key": "-----BEGIN PRIVATE KEY-----\ninvented\n-----END PRIVATE KEY-----\n",
    "service_account": '{"client_email": "e@e.org", "private_key": "k", "private_key_id": "1"}',
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "a-token")
    monkeypatch.setenv("ODD", f"tök en {CANARY}")


def config(tmp_path: Path, text: str, *, brand: bool = True) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f"{BRAND if brand else ''}{text}", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    """What is told of a file that must be refused, without the path before each problem."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    told = list(caught.value.problems)
    assert all(problem.startswith(f"{path}: ") for problem in told), told
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return [problem.removeprefix(f"{path}: ") for problem in told]


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in BAD])
def test_a_bad_file_is_refused_in_exactly_these_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = re.findall("^# expect: (.+)$", text, re.MULTILINE)

    assert sorted(problems(path)) == sorted(expected)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"brands = [", "is not TOML: Invalid value", id="not TOML"),
        pytest.param(b'a = "1"\na = "2"\n', "is not TOML: Cannot overwrite", id="a key twice"),
        pytest.param(b"a = " + b"[" * 9000, "is not TOML that can be read", id="endlessly nested"),
        pytest.param(b'name = "Caf\xe9"', "is not UTF-8 text (byte 11)", id="Latin-1"),
        pytest.param("a = 1".encode("utf-16"), "is not UTF-8 text (byte 0)", id="UTF-16"),
        pytest.param(b"\x00", "is not TOML", id="binary"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=re.escape(f"{path} {said}")) as caught:
        load(path)

    assert len(caught.value.problems) == 1


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no .*: name one with --config or EARSHOT_CON"):
        load(tmp_path / "nowhere.toml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_database_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"database = 'sqlite:///{tmp_path}'\n{BRAND}", encoding="utf-8")

    (problem,) = problems(path)

    assert problem == (
        f"database: {tmp_path} is a directory: name a file in it, such as earshot.db"
    )


# --- what is taken -----------------------------------------------------------------------------


def test_a_brand_is_all_that_is_needed(tmp_path: Path) -> None:
    found = load(config(tmp_path, ""))

    assert [brand.name for brand in found.brands] == ["Acme"]
    assert found.database == "sqlite:///var/earshot.db"
    assert found.tz == ZoneInfo("UTC")
    assert found.top.digest.wall_time == time(8)
    assert found.top.privacy.retention_days == 180
    assert found.enabled == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BRAND.encode())

    assert load(path).brands[0].name == "Acme"


@pytest.mark.parametrize(
    ("written", "account"),
    [
        pytest.param("x:@acme", OwnAccount("x", "acme"), id="a handle"),
        pytest.param("x:1000", OwnAccount("x", "1000"), id="an id by its looks"),
        pytest.param("x:id:1000", OwnAccount("x", "1000", "id"), id="an id that is said to be one"),
        pytest.param("x:handle:@1000", OwnAccount("x", "1000", "handle"), id="a handle of digits"),
        pytest.param("reddit:/u/acme", OwnAccount("reddit", "acme"), id="as Reddit writes it"),
        pytest.param("Twitter: acme", OwnAccount("x", "acme"), id="another spelling"),
        pytest.param(
            "linkedin:urn:li:organization:7",
            OwnAccount("linkedin", "urn:li:organization:7"),
            id="colons",
        ),
        pytest.param(
            "mastodon:https://a.example/users/acme",
            OwnAccount("mastodon", "https://a.example/users/acme"),
            id="an address",
        ),
    ],
)
def test_own_accounts_are_ids_or_handles_of_one_network(
    tmp_path: Path, written: str, account: OwnAccount
) -> None:
    (brand,) = load(config(tmp_path, f'own_accounts = ["{written}"]')).brands
    assert brand.own_accounts == (account,)


def test_an_account_on_the_lists_of_noise_may_be_of_any_network(tmp_path: Path) -> None:
    found = load(config(tmp_path, '[noise]\nblock_authors = ["spammer"]'))
    assert found.noise.authors == (OwnAccount("", "spammer"),)


def test_a_brand_is_found_whatever_its_case(tmp_path: Path) -> None:
    found = load(config(tmp_path, ""))

    assert found.brand("ACME").name == "Acme"
    with pytest.raises(ConfigError, match=r"there is no brand 'Globex' in .*: it has Acme"):
        found.brand("Globex")


# --- secrets -----------------------------------------------------------------------------------


def enabled_x(tmp_path: Path, reference: str) -> Path:
    return config(tmp_path, f"[sources.x]\nenabled = true\nbearer_token = '{reference}'")


def token_of(found: Config) -> str:
    settings = found.sources["x"]
    assert isinstance(settings, XSettings)
    return settings.bearer_token.get_secret_value()


def test_a_secret_is_taken_from_the_environment(tmp_path: Path) -> None:
    assert token_of(load(enabled_x(tmp_path, "env:GIVEN"))) == "a-token"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a-token", id="bare"),
        pytest.param(b"a-token\n", id="ending in a newline"),
        pytest.param(b"\xef\xbb\xbfa-token\r\n", id="as written on Windows"),
    ],
)
def test_a_secret_is_taken_from_a_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)

    assert token_of(load(enabled_x(tmp_path, f"file:{file}"))) == "a-token"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n", "is empty", id="blank"),
        pytest.param(b"\xff\xfe", "cannot be read", id="not text"),
    ],
)
def test_a_secret_file_without_a_secret_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)

    (problem,) = problems(enabled_x(tmp_path, f"file:{file}"))

    assert problem == f"sources.x.bearer_token: the file {file} {said}"


def test_a_source_that_is_switched_off_needs_no_secrets(tmp_path: Path) -> None:
    text = """
        [sources.x]
        bearer_token = "env:NOT_SET"
        [sources.reddit]
        enabled = false
        client_secret = "file:/nowhere"
    """

    found = load(config(tmp_path, text))

    assert found.enabled == {}
    assert token_of(found) == ""


def test_the_database_may_be_a_secret_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:hidden@localhost/earshot")
    path = tmp_path / "config.toml"
    path.write_text(f'database = "env:DATABASE_URL"\n{BRAND}', encoding="utf-8")

    assert load(path).database == "postgresql+psycopg://me:hidden@localhost/earshot"


def test_a_loaded_configuration_shows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN", CANARY)
    slack = '[alerts.slack]\nbot_token = "env:GIVEN"\nchannel = "C1"'
    reddit = '[sources.reddit]\nenabled = true\nclient_id = "id"\nclient_secret = "env:GIVEN"'

    path = tmp_path / "config.toml"
    database = f"database = 'postgresql://me:{CANARY}@localhost/earshot'"
    path.write_text(f"{database}\n{BRAND}{slack}\n{reddit}", encoding="utf-8")
    found = load(path)

    assert isinstance(found.sources["reddit"], RedditSettings)
    assert found.sources["reddit"].client_secret.get_secret_value() == CANARY
    assert CANARY not in f"{found!r} {found.top} {found.sources}"


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(CANARY, id="bare"),
        pytest.param(f"env:xoxb-{CANARY}", id="pasted after env:"),
        pytest.param(f" env:{CANARY}", id="after a blank"),
        pytest.param(f"Bearer {CANARY}", id="with its scheme"),
        pytest.param(f"ENV:{CANARY}", id="with a prefix that is none"),
        pytest.param("env:ODD", id="in the environment, and unfit for a header"),
    ],
)
@pytest.mark.parametrize(
    "table",
    [
        pytest.param("[sources.x]\nenabled = true\nbearer_token = '{}'", id="x"),
        pytest.param(
            "[sources.reddit]\nenabled = true\nclient_id = 'a'\nclient_secret = '{}'", id="reddit"
        ),
        pytest.param("[alerts.slack]\nchannel = 'C1'\nbot_token = '{}'", id="slack"),
        pytest.param("[alerts.slack]\nchannel = 'C1'\napp_token = '{}'", id="slack app"),
    ],
)
def test_a_wrong_secret_is_told_once_by_its_key_alone(
    tmp_path: Path, table: str, reference: str
) -> None:
    path = config(tmp_path, table.format(reference))

    (problem,) = problems(path)  # looks for the canary in the whole traceback

    assert re.match(r"(sources|alerts)\.\w+\.(bearer_token|client_secret|\w+_token): ", problem)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'query2 = "{CANARY}"', id="unknown key of a brand"),
        pytest.param(f'languages = ["{CANARY}"]', id="a language"),
        pytest.param(f'own_accounts = [["{CANARY}"]]', id="a list in a list"),
        pytest.param(f'[sources.x]\nevery = "{CANARY}"', id="a duration"),
        pytest.param(f'[sources.x]\nenabled = "{CANARY}"', id="a switch"),
        pytest.param(f'[sources.x]\nbase_url = "https://me:{CANARY}@host"', id="an address"),
        pytest.param(f'[sources.reddit]\nsubreddits = ["-{CANARY}"]', id="a subreddit"),
        pytest.param(f'[sources.slack]\ntoken = "{CANARY}"', id="an unknown source"),
        pytest.param(f'[slack]\ntoken = "{CANARY}"', id="an unknown table"),
        pytest.param(f'[alerts]\nslack = ["{CANARY}"]', id="a list for a table"),
        pytest.param(f'[alerts.slack]\nbase_url = "{CANARY}"', id="Slack's address"),
        pytest.param(f'[alerts.slack]\nchannel = ["{CANARY}"]', id="a list for text"),
        pytest.param(f'[sentiment]\nruntime = "{CANARY}"', id="a choice"),
        pytest.param(f'[crm.tiers]\ngold = "{CANARY}"', id="a number"),
        pytest.param(f'[crm.salesforce]\nclient_secret = "{CANARY}"', id="a secret of a CRM"),
        pytest.param(f'[crm.shopify]\nshop = "{CANARY}"', id="a shop"),
        pytest.param(f'[digest]\nat = "{CANARY}"', id="a time"),
        pytest.param(f'[privacy]\nretention_days = "{CANARY}"', id="days"),
        pytest.param(
            f'[[alerts.rules]]\nname = "a"\nanswer_within = "{CANARY}"', id="a promised time"
        ),
        pytest.param(
            f'[[alerts.rules]]\nname = "a"\nanswer_within = "1h"\nseverity = "{CANARY}"',
            id="a severity",
        ),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(tmp_path: Path, text: str) -> None:
    assert problems(config(tmp_path, text))  # looks for the canary in the whole traceback


# --- the project's own files -------------------------------------------------------------------


def test_config_toml_works_as_it_stands() -> None:
    found = load(DEFAULT)

    assert [brand.name for brand in found.brands] == ["Acme"]
    assert found.database == "sqlite:///var/earshot.db"
    assert set(found.sources) == set(SOURCES)
    assert set(found.enabled) == {"hackernews", "mastodon", "rss"}, "what needs no key"
    assert found.top.alerts.slack is None
    assert [rule.name for rule in found.top.alerts.rules] == ["vip", "reach", "negative"]


def test_config_toml_says_the_defaults(tmp_path: Path) -> None:
    """What a key does not need to say is what it would be without the line."""
    bare, full = load(config(tmp_path, "")).top, load(DEFAULT).top

    for name in ("database", "timezone", "sentiment", "crm", "reputation", "digest", "privacy"):
        assert getattr(full, name) == getattr(bare, name), name


def uncommented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """config.toml with every commented key switched on, and the secrets they refer to."""
    text = COMMENTED.sub("", DEFAULT.read_text(encoding="utf-8"))
    for name in re.findall(r'= "env:([A-Z_]+)"', text):
        monkeypatch.setenv(name, "xoxb-invented-long-enough")
    for key, name in re.findall(r'^(\w+) = "file:([^"]+)"', text, re.MULTILINE):
        secret = tmp_path / key
        secret.write_text(SECRET_FILES[key], encoding="utf-8")
        text = text.replace(name, str(secret))
    path = tmp_path / "config.toml"
    path.write_text(text.replace("enabled = false", "enabled = true"), encoding="utf-8")
    return path


def test_every_commented_key_of_config_toml_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = load(uncommented(tmp_path, monkeypatch))

    assert set(found.enabled) == set(SOURCES)
    assert found.top.alerts.slack is not None
    assert found.top.alerts.slack.ready
    assert all(table.every == timedelta(minutes=15) for table in found.sources.values())


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a settings model and of the models within it: "alerts.rules.name"."""
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        yield f"{prefix}{name}"
        for inner in models_in(field.annotation):
            yield from keys_of(inner, f"{prefix}{name}.")


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


def keys_in(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Every key written in a TOML file, in the same spelling."""
    for name, value in table.items():
        yield f"{prefix}{name}"
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from keys_in(inner, f"{prefix}{name}.")


VOLUME = ("at_least_per_day", "at_most_per_day")


def test_every_key_there_is_stands_in_config_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tomllib.loads(uncommented(tmp_path, monkeypatch).read_text(encoding="utf-8"))
    known = set(keys_of(TopLevel))
    for name, kind in SOURCES.items():
        known |= {f"sources.{name}", *keys_of(kind.settings, f"sources.{name}.")}
    # What is told once, with the first source, is the same for all of them.
    known -= {f"sources.{name}.{key}" for name in SOURCES if name != "x" for key in VOLUME}
    known -= set(keys_of(HoursSettings, "brands.hours."))  # a brand's are those of [hours]

    assert known - set(keys_in(written)) == set()


def test_each_brand_has_its_own_hours_or_those_of_all(tmp_path: Path) -> None:
    globex = '[[brands]]\nname = "Globex"\nquery = "globex"\n'
    own = 'hours = { days = ["sat"], to = "24:00", timezone = "Asia/Tokyo" }\n'
    holidays = 'holidays = "DE-BY"\nclosed = [2026-12-24, "2026-12-31"]\n'
    text = f'timezone = "Europe/Berlin"\n{BRAND}{globex}{own}[hours]\n{holidays}'
    acme, globex_hours = load(config(tmp_path, text, brand=False)).hours.values()

    assert acme is not None
    assert (acme.opens, acme.closes, acme.tz.key) == (time(9), time(17), "Europe/Berlin")
    assert acme.days == {0, 1, 2, 3, 4}
    shut = ["2026-12-24", "2026-12-25", "2026-12-31", "2027-01-06"]
    assert [day for day in shut if date.fromisoformat(day) not in acme.closed] == []
    assert date(2027, 12, 24) not in acme.closed
    assert date(2026, 12, 28) not in acme.closed
    assert globex_hours is not None
    assert (globex_hours.closes, globex_hours.tz.key) == (time.min, "Asia/Tokyo")
    assert globex_hours.days == {5}
    assert globex_hours.closed == frozenset()


def test_without_hours_everybody_answers_round_the_clock(tmp_path: Path) -> None:
    assert load(config(tmp_path, "")).hours == {"Acme": None}


def test_every_key_in_config_toml_is_explained() -> None:
    """In the lines it stands with, or by name in a comment elsewhere (the conditions of rules)."""
    text = COMMENTED.sub("", DEFAULT.read_text(encoding="utf-8"))
    said = " ".join(re.findall("#.*", text))
    for lines in text.split("\n\n"):
        keys = re.findall("^([a-z_]+) = ", lines, re.MULTILINE)
        assert "#" in lines or all(key in said for key in keys), lines


def test_the_secrets_of_config_toml_are_references() -> None:
    text = COMMENTED.sub("", DEFAULT.read_text(encoding="utf-8"))
    kinds = (kind.settings for kind in SOURCES.values())
    models: list[type[BaseModel]] = [SlackSettings, WebhookSettings, *kinds]
    names = {
        name
        for model in models
        for name, field in model.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    }

    written = re.findall(r"^(\w+) = (\S+)", text, re.MULTILINE)
    secrets = {name: value for name, value in written if name in names}

    assert set(secrets) == names
    assert all(value.startswith(('"env:', '"file:')) for value in secrets.values()), secrets


def test_the_demo_has_a_configuration_that_loads() -> None:
    found = load(ROOT / "earshot" / "demo" / "sample" / "config.toml")

    assert found.brands[0].competitors
    assert found.enabled == {}


def test_a_template_may_be_for_the_rule_that_comes_last_by_itself(tmp_path: Path) -> None:
    template = '[[alerts.templates]]\nname = "hello"\ntext = "Hi"\nrules = ["Asks for an answer"]\n'

    assert load(config(tmp_path, template)).top.alerts.templates[0].rules == (CATCH_ALL.name,)

"""The types of keys in [sources.*] tables: each checks a value, its error says what to write."""

import json
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from net.settings import address, web_address


def _stream_address(value: str) -> str:
    return address(("ws", "wss"), value, "wss://jetstream.example.org")


def _subreddit(value: str) -> str:
    name = re.sub(r"^/?r/", "", value.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"[A-Za-z0-9_]{2,21}", name):
        raise ValueError(f"{value!r} is not a subreddit: write its name without r/")
    return name


def _number(value: str) -> str:
    number = value.strip()
    if not re.fullmatch(r"[0-9]{1,25}", number, re.ASCII):
        raise ValueError("is no id: write the number that the network knows it by")
    return number


def _month(value: str) -> str:
    if not re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])", value, re.ASCII):
        raise ValueError("is no version of the API: write a month such as 202607")
    return value


def _mail_server(value: str) -> str:
    """imaps://host[:port]; without TLS only to this machine, where a bridge or a test may be."""
    parts = urlsplit(value.strip())
    good = parts.scheme in ("imaps", "imap") and parts.hostname and parts.path in ("", "/")
    if not good or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("write a mail server such as imaps://imap.example.org")
    try:
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError:
        raise ValueError("write a mail server such as imaps://imap.example.org:993") from None
    if parts.scheme == "imap" and parts.hostname not in _LOOPBACK:
        raise ValueError("mail is read without TLS from this machine only: write imaps://")
    return value.strip().rstrip("/")


def _password(value: SecretStr) -> SecretStr:
    """As the command LOGIN of IMAP takes it; a line break would begin a command of its own."""
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[\x20-\x7e]*", text):
        raise ValueError("a mail password holds visible ASCII characters only")
    return SecretStr(text)


def _mail_user(value: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]*", value):
        raise ValueError("a mail user holds visible ASCII characters only")
    return value.strip()


def _folder(value: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]{1,200}", value):
        raise ValueError("is no folder: write its name as the server lists it, in ASCII")
    return value


def _endpoint(value: str) -> str:
    host, _, port = value.strip().rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) <= _MOST_PORT:
        raise ValueError("write where to listen, such as 127.0.0.1:8787")
    return value.strip()


_MOST_PORT = 65_535
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _site(value: str) -> str:
    if not re.fullmatch(SITE, value):
        raise ValueError(f"{value!r} is no site: write for example stackoverflow, es.stackoverflow")
    return value


def _app(value: str) -> str:
    app = value.strip()
    if not re.fullmatch(r"[0-9]{4,15}|[A-Za-z]\w*(\.[A-Za-z]\w*)+", app, re.ASCII):
        raise ValueError(
            "an app is its number in the App Store or its package name, such as com.example.app"
        )
    return app


def _pem(value: SecretStr) -> SecretStr:
    """A private key as its file has it, even where a variable was given it on one line."""
    text = value.get_secret_value().strip().replace("\\n", "\n")
    if text and not re.match(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s", text):
        raise ValueError("is no private key: give the whole file with BEGIN and END PRIVATE KEY")
    return SecretStr(text)


def _service_account(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    try:
        account = json.loads(text or "{}")
    except ValueError:
        account = None
    needed = ("client_email", "private_key", "private_key_id")
    if not isinstance(account, dict) or (text and not all(account.get(key) for key in needed)):
        raise ValueError("is no key of a service account: give the JSON file that Google made")
    return SecretStr(text)


def _feed(value: str) -> str:
    feed = value.strip()
    parts = urlsplit(feed)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write the address of a feed, such as https://example.org/feed.xml")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address of a feed has no user and no password in it")
    return feed


def _video(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{11}", value.strip()):
        raise ValueError(f"{value!r} is no video: write its id, the 11 characters behind watch?v=")
    return value.strip()


def _channel(value: str) -> str:
    if not re.fullmatch(r"UC[A-Za-z0-9_-]{22}", value.strip()):
        raise ValueError(f"{value!r} is no channel: write its id, UC and 22 characters")
    return value.strip()


def _handle(value: str) -> str:
    handle = value.strip().removeprefix("@")
    if not re.fullmatch(r"([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*|did:[a-z]+:\S+|", handle):
        raise ValueError("write the whole handle, such as acme.bsky.social")
    return handle


def _server(value: str) -> str:
    return web_address(value if "://" in value else f"https://{value.strip()}")


def _hashtag(value: str) -> str:
    tag = value.strip().removeprefix("#").lower()
    if not re.fullmatch(r"\w*[^\W\d]\w*", tag):
        raise ValueError(f"{value!r} is no hashtag: write letters, digits and _ without #")
    return tag


SITE = r"[a-z0-9][a-z0-9.\-]{1,40}"  # of Stack Exchange, as its API names it

StreamAddress = Annotated[str, AfterValidator(_stream_address)]
Subreddit = Annotated[str, AfterValidator(_subreddit)]
Handle = Annotated[str, AfterValidator(_handle)]
Server = Annotated[str, AfterValidator(_server)]
Hashtag = Annotated[str, AfterValidator(_hashtag)]
FeedAddress = Annotated[str, AfterValidator(_feed)]
Video = Annotated[str, AfterValidator(_video)]
Channel = Annotated[str, AfterValidator(_channel)]

Number = Annotated[str, AfterValidator(_number)]
Month = Annotated[str, AfterValidator(_month)]
MailServer = Annotated[str, AfterValidator(_mail_server)]
MailUser = Annotated[str, AfterValidator(_mail_user)]
Password = Annotated[SecretStr, AfterValidator(_password)]
Folder = Annotated[str, AfterValidator(_folder)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
SHORTEST_SECRET = 16
Site = Annotated[str, AfterValidator(_site)]
App = Annotated[str, AfterValidator(_app)]
Pem = Annotated[SecretStr, AfterValidator(_pem)]
ServiceAccount = Annotated[SecretStr, AfterValidator(_service_account)]

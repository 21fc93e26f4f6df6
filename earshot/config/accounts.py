"""How an account is written in config.toml: x:acme_help, x:1000, x:id:1000 or x:handle:1000."""

from domain.brand import OwnAccount
from domain.network import NETWORKS, is_id, name_of
from earshot.config.problems import meant

_BY = ("id", "handle")


def account_of(text: str) -> OwnAccount:
    """The account that is written so; one without a network is of any.

    A network may be spelled as files spell it: twitter is x.
    """
    source, colon, account = text.partition(":")
    if not colon:
        return OwnAccount("", _bare(text))
    by, marked, name = account.partition(":")
    if marked and by.strip() in _BY:
        return OwnAccount(name_of(source), _bare(name), by.strip())
    return OwnAccount(name_of(source), _bare(account))


def checked_account(text: str) -> str:
    """The text again. Raises ValueError where it names no account that there may be."""
    if "\0" in text:
        raise ValueError("holds the character NUL, which no database keeps")
    found = account_of(text)
    # An empty one would make every author without a handle the brand itself.
    if not found.account:
        raise ValueError("names no account: write for example x:acme or reddit:acme_support")
    network = NETWORKS.get(found.source)
    if found.source and network is None:
        raise ValueError(f"is of a network that is not known{meant(found.source, list(NETWORKS))}")
    if network and found.by == "id" and network.id and not is_id(found.source, found.account):
        raise ValueError(f"is no id of {network.title}: write {found.source}:HANDLE for a handle")
    shape = network.handle if network and not found.is_id(found.source) else None
    if network and shape and not shape.fullmatch(found.account):
        raise ValueError(f"is no handle and no id of {network.title}: write it as it stands there")
    return text


def checked_own_account(text: str) -> str:
    """The same for an account of the brand, which is of one network: elsewhere it may be taken."""
    checked_account(text)
    if not account_of(text).source:
        raise ValueError("names no network: write for example x:acme or reddit:acme_support")
    return text


def described(text: str) -> str:
    """In words: which account this is taken for."""
    account = account_of(text)
    network = NETWORKS[account.source]
    kind = "id" if account.is_id(account.source) else "handle" if network.handle else "account"
    return f"{text} is the {kind} {account.account} on {network.title}"


def _bare(account: str) -> str:
    """Without the sign that stands before it where people write it: @acme, Reddit's u/acme."""
    return account.strip().lstrip("@").removeprefix("/").removeprefix("u/")

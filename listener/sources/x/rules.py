"""The rules of X's filtered stream: what they say, and how X's are made equal to that.

They find what the searches find, with two differences that lie with X: a word with an accent is
another one there, and who quotes a post is found by the words of what is quoted.

https://docs.x.com/x-api/posts/filtered-stream/integrate/build-a-rule
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import tweepy

from domain.errors import RemoteError
from listener.clean import identifier, words
from listener.query import X_DIALECT, compiled
from listener.source import Watch
from listener.sources.x.asks import by_and_to_own
from listener.sources.x.errors import answered, problems
from net.refusals import BadRequestError

_OURS = "earshot:"  # what the tags of our rules begin with, and then whom they are for
# The searches find no plain reposts either, and each would be charged.
_RULE = "({}) -is:retweet"
_DIALECT = replace(X_DIALECT, longest=1024 - len(_RULE.format("")))  # for a self-serve app


def rules(watches: Sequence[Watch]) -> dict[str, str]:
    """The rules for these watches, each with the first brand or competitor it is for.

    Raises ConfigError when X cannot be asked that.
    """
    wanted: dict[str, str] = {}
    for watch in watches:
        besides = by_and_to_own(watch)
        said = compiled(watch.query, _DIALECT, languages=watch.languages, or_also=besides)
        for ask in said.asks:
            wanted.setdefault(_RULE.format(ask), watch.brand)
    return wanted


def settle(client: tweepy.StreamingClient, wanted: Mapping[str, str], now: datetime) -> set[str]:
    """Leave on X's side of our rules only the wanted ones, and others' as they are.

    Returns the ids of those that stood there already, whoever made them.
    Raises RemoteError when X refuses one.
    """
    there = _objects(answered(client.get_rules, now).get("data"))
    done = {words(rule.get("value")) for rule in there}
    unwanted = [
        identifier(rule.get("id"))
        for rule in there
        if words(rule.get("value")) not in wanted and _is_ours(rule)
    ]
    if unwanted:  # before anything is added: there is a most of rules
        answered(client.delete_rules, now, ids=unwanted)
    _add(client, {rule: brand for rule, brand in wanted.items() if rule not in done}, now)
    return {identifier(rule.get("id")) for rule in there if words(rule.get("value")) in wanted}


def answers(record: Mapping[str, Any], known: Collection[str]) -> bool:
    """Whether a rule of ours, or one with these ids, has brought this; also when X says nothing."""
    found = _objects(record.get("matching_rules"))
    return not found or any(_is_ours(rule) or identifier(rule.get("id")) in known for rule in found)


def _add(client: tweepy.StreamingClient, missing: Mapping[str, str], now: datetime) -> None:
    if not missing:
        return
    made = [tweepy.StreamRule(rule, f"{_OURS}{brand}") for rule, brand in missing.items()]
    try:
        answer = answered(client.add_rules, now, add=made)
    except BadRequestError as error:
        names = ", ".join(dict.fromkeys(missing.values()))
        raise RemoteError(
            f"{error}; these were the stream's rules for {names}", permanent=True
        ) from error
    refused = _objects(answer.get("errors"))
    if not refused:
        return
    first = refused[0]
    brand = missing.get(words(first.get("value")), "a brand")
    # One that X has not listed may be listed the next time.
    permanent = any(one.get("title") != "DuplicateRule" for one in refused)
    said = problems([first]) or "no reason given"
    raise RemoteError(f"x: refused the stream's rule for {brand}: {said}", permanent=permanent)


def _is_ours(rule: Mapping[str, Any]) -> bool:
    return words(rule.get("tag")).startswith(_OURS)


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

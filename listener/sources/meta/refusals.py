"""What an error of Meta's Graph API means: wait, ask for less, or what to put right.

Graph answers almost every error with 400; what is wrong stands in the body's code. Its message is
read and never told: it may quote what was asked.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.errors import RemoteError
from listener.clean import words
from listener.sources.refusals import AllRefusedError
from net.refusals import FailingError, Refusal, TranslateError

# https://developers.facebook.com/docs/graph-api/guides/error-handling and …/overview/rate-limiting
_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80_000, 80_015)))
_TOO_MUCH = frozenset((1, -3))  # 1 is the code of any failure too, which less of it does not harm
_TOKEN = frozenset((102, 190))
# What an operator reads of the codes that name what is wrong; what is in brackets is filled in.
_TOLD = (
    (_TOKEN, "the token is refused, {ended}; make a new one and check {token} (code {code})"),
    ((210,), "the token is a user's: give the page's own as {token} (code {code})"),
    ((3,), "the app of {token} may not do this before Meta has reviewed it (code {code})"),
    (
        (10, *range(200, 300)),
        "the token of {token} lacks a permission (code {code}): it needs {permission}",
    ),
    ((21,), "the page has another id now; check the id in [sources.{name}] (code {code})"),
    (
        (100, 803),
        "nothing is there that the token may see; check the id in [sources.{name}] ({code})",
    ),
)
# Deprecated, unknown or unsupported calls, a blocked user or app.
_REFUSALS = frozenset((5, 12, 33, 101, 104, 368, 459, 463, 464, 467, 492, 2500))
# What is neither of these may pass: a name that nobody knows yet is no refusal.
_KNOWN = _REFUSALS.union(*(codes for codes, _sentence in _TOLD))
_TOKEN_ENDED: Mapping[object, str] = {  # by the subcode
    458: "its user has removed the app",
    459: "its user has to log in to the network first",
    460: "its user has changed the password",
    463: "it has expired",
    464: "its user has to log in to the network first",
    467: "it was withdrawn",
    492: "its user has no role on the page any more",
}
_PROOF = re.compile(r"app\s?secret[_ ]?proof", re.IGNORECASE)
_PERMISSIONS = re.compile(r"\b(?:pages|instagram|threads)_[a-z_]{3,40}\b")


class TooMuchDataError(FailingError):
    """The answer would grow too large: it may come when less is asked for."""


def error_translator(name: str, *, needs: str, has_secret: bool) -> TranslateError:
    """Reads the error bodies of one source.

    needs: the permissions without which it can read nothing. has_secret: it has an app_secret.
    """

    def read(refusal: Refusal) -> RemoteError | None:
        error = refusal.body.get("error") if isinstance(refusal.body, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        if not isinstance(error, dict) or not isinstance(code, int):
            return None
        message, wait = words(error.get("message")), refusal.wait
        if code in _LIMITS:
            return AllRefusedError(f"{name}: rate limited (code {code})", retry_after=wait)
        if code in _TOO_MUCH or "reduce the amount of data" in message:
            return TooMuchDataError(f"{name}: the service fails (code {code})", retry_after=wait)
        if _PROOF.search(message):
            return AllRefusedError(
                f"{name}: {_proof(name, code, has_secret=has_secret)}", permanent=True
            )
        if code not in _KNOWN or error.get("is_transient") is True:
            return replace(refusal, code=f"code {code}").fails(wait=wait)
        kind = AllRefusedError if code in _TOKEN else RemoteError
        return kind(f"{name}: {_refusal(name, code, error, needs)}", permanent=True)

    return read


def _proof(name: str, code: int, *, has_secret: bool) -> str:
    key = f"sources.{name}.app_secret"
    if has_secret:
        return f"the proof is refused: check that {key} is of the app of the token (code {code})"
    return f"the app asks for a proof by its secret: set {key} (code {code})"


def _refusal(name: str, code: int, error: Mapping[str, Any], needs: str) -> str:
    told = (sentence for codes, sentence in _TOLD if code in codes)
    subcode, named = error.get("error_subcode"), _PERMISSIONS.findall(words(error.get("message")))
    return next(told, "refused (code {code})").format(
        code=code,
        name=name,
        token=f"sources.{name}.access_token",
        ended=_TOKEN_ENDED.get(subcode, "it has expired or was withdrawn"),
        permission=" or ".join(dict.fromkeys(named)) or needs,
    )

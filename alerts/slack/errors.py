"""What a failed call to Slack means: given up, waited for, in doubt, or simply tried again."""

import socket
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from alerts.notifier import MessageGoneError, MessageUnfitError
from domain.errors import RemoteError

WAIT_UNSAID = timedelta(seconds=30)  # a 429 without a readable Retry-After
LONGEST_WAIT = timedelta(hours=24)

_INVITE = "invite the bot to it (/invite) and check [alerts.slack] channel"
FIX_TOKEN = "set [alerts.slack] bot_token to the app's current xoxb- token"  # noqa: S105 - no token
_SCOPE = "add the scopes chat:write and channels:history to the app and reinstall it"
_BUG = "this is a bug of Earshot: please report it"

# Codes that repeating cannot cure → the way out.
# https://docs.slack.dev/reference/methods/chat.postMessage#errors
PERMANENT = {
    "access_denied": _SCOPE,
    "account_inactive": FIX_TOKEN,
    "as_user_not_supported": FIX_TOKEN,
    "cannot_reply_to_message": "the thread is closed to replies",
    "channel_is_limited_access": _INVITE,
    "channel_not_found": _INVITE,
    "ekm_access_denied": "ask the workspace's administrators to allow posting",
    "enterprise_is_restricted": "ask the workspace's administrators to allow the app",
    "invalid_arguments": _BUG,
    "invalid_auth": FIX_TOKEN,
    "invalid_blocks": _BUG,
    "invalid_blocks_format": _BUG,
    "invalid_metadata_format": _BUG,
    "invalid_metadata_schema": _BUG,
    "invalid_post_type": _BUG,
    "is_archived": "unarchive the channel or set another [alerts.slack] channel",
    "metadata_too_large": _BUG,
    "missing_scope": _SCOPE,
    "msg_blocks_too_long": _BUG,
    "msg_too_long": _BUG,
    "no_permission": _SCOPE,
    "no_text": _BUG,
    "not_allowed_token_type": FIX_TOKEN,
    "not_authed": FIX_TOKEN,
    "not_in_channel": _INVITE,
    "org_login_required": "wait until the workspace's migration is done, or use another one",
    "restricted_action": "ask the workspace's administrators to let the app post in this channel",
    "restricted_action_non_threadable_channel": "set another [alerts.slack] channel",
    "restricted_action_read_only_channel": "set another [alerts.slack] channel",
    "restricted_action_thread_only_channel": "set another [alerts.slack] channel",
    "team_access_not_granted": FIX_TOKEN,
    "team_not_found": FIX_TOKEN,
    "too_many_attachments": _BUG,
    "token_expired": FIX_TOKEN,
    "token_revoked": FIX_TOKEN,
}
# Of those, the ones that are about the one message and not about the channel or the app.
UNFIT = {code for code, way_out in PERMANENT.items() if way_out == _BUG} | {
    "cannot_reply_to_message"
}
# Slack says of these that part of the work may have been done.
UNSURE = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
GONE = {"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"}
# Raised before a byte of the request was written: nothing can have arrived.
_NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


def lost(method: str, cause: Exception | str, *, unsure: bool) -> RemoteError:
    """No usable answer. unsure: the call must not be repeated blindly, if it was sent at all."""
    reason = cause.reason if isinstance(cause, URLError) else cause
    ambiguous = unsure and not isinstance(reason, _NEVER_SENT)
    kind = reason if isinstance(reason, str) else type(reason).__name__
    tail = "it may have arrived" if ambiguous else "it will be tried again"
    return RemoteError(f"slack: no usable answer to {method} ({kind}); {tail}", ambiguous=ambiguous)


def refusal(method: str, error: SlackApiError, *, unsure: bool) -> RemoteError:
    """What Slack's answer means. unsure: the call must not be repeated blindly."""
    status = int(error.response.status_code)
    data = error.response.data
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):  # noqa: PLR2004 - HTTP
        wait = _retry_after(error.response.headers)
        seconds = round(wait.total_seconds())
        return RemoteError(f"slack: {method} asked to wait {seconds} s", retry_after=wait)
    if code in GONE:
        return MessageGoneError(f"slack: {method} says {code}: the message cannot be reached")
    if code in PERMANENT:
        needed = data.get("needed") if isinstance(data, dict) else None
        scope = f", it needs {needed}" if isinstance(needed, str) and needed.isprintable() else ""
        said = f"slack: {method} says {code}{scope}: {PERMANENT[code]}"
        return MessageUnfitError(said) if code in UNFIT else RemoteError(said, permanent=True)
    if status >= 500 or code in UNSURE or not _is_code(code):  # noqa: PLR2004 - HTTP
        shown = code if _is_code(code) else "no JSON"
        return lost(method, f"HTTP {status}, {shown}", unsure=unsure)
    return RemoteError(f"slack: {method} says {code}; it will be tried again")


def _is_code(code: str) -> bool:
    """Slack's codes are short words; slack_sdk puts the start of a broken body in their place."""
    return 0 < len(code) <= 60 and code.replace("_", "").isalnum() and code.isascii()  # noqa: PLR2004


def _retry_after(headers: Mapping[str, Any]) -> timedelta:
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    given = given[0] if isinstance(given, list) and given else given
    try:
        seconds = float(str(given))
    except ValueError:
        return WAIT_UNSAID
    if not 0 <= seconds < float("inf"):
        return WAIT_UNSAID
    return min(timedelta(seconds=min(seconds, 1e6)), LONGEST_WAIT)

"""Every documented answer of Slack to the methods we call, and what follows from it.

The methods are auth.test, chat.postMessage, chat.update, chat.delete, conversations.history and
conversations.replies; and behind buttons apps.connections.open, bots.info, chat.postEphemeral,
usergroups.users.list, users.info and views.open. Each has its table of errors under
https://docs.slack.dev/reference/methods. A code that is not here is none that we know.
"""

from enum import StrEnum
from typing import NamedTuple


class Follows(StrEnum):
    """What an answer says of the call that got it."""

    GONE = "gone"  # the message, or the thread, does not exist any more
    FIXED = "fixed"  # the message stands and may not be changed or deleted
    MESSAGE = "message refused"  # this one message will never pass as it is; others will
    CHANNEL = "channel refused"  # nothing passes in this channel until somebody mends it
    APP = "app refused"  # nothing passes with this token until somebody mends it
    WAIT = "wait"  # passes by itself; nothing was done
    UNSURE = "unsure"  # Slack itself does not know whether it was done


class Answer(NamedTuple):
    follows: Follows
    way_out: str  # what to do, a clause


INVITE = "invite the bot to it (/invite) and check [alerts.slack] channel: set the channel's ID"
FIX_TOKEN = "set [alerts.slack] bot_token to the app's current xoxb- token"  # noqa: S105 - no token
_SCOPE = "add the scopes of docs/slack-manifest.yaml to the app and reinstall it"
_BUG = "this is a bug of Earshot: please report it"
_ASK_ADMIN = "ask the workspace's administrators to let the app post in this channel"
_OTHER = "set another [alerts.slack] channel"
_CLOSED = "unarchive the channel or set another [alerts.slack] channel"
_FIXED = "Slack does not let the app change or delete this message"
_LATER = "it will be tried again"
_NO_REPLIES = "the thread takes no replies"
_PRESS_AGAIN = "press the button again"
_UNSEEN = "Slack does not show this person to the app"
_FIX_GROUP = "set [alerts.slack] allow_group to the ID (S…) of a user group that is there"


def _all(follows: Follows, way_out: str, codes: str) -> dict[str, Answer]:
    return dict.fromkeys(codes.split(), Answer(follows, way_out))


ANSWERS: dict[str, Answer] = {
    **_all(Follows.GONE, "it was deleted in Slack", "message_not_found thread_not_found"),
    **_all(
        Follows.FIXED,
        _FIXED,
        """
        block_mismatch cant_delete_message cant_update_message compliance_exports_prevent_deletion
        edit_window_closed message_not_owned_by_app no_dual_broadcast_content_update
        streaming_state_conflict
        """,
    ),
    **_all(
        Follows.MESSAGE,
        _NO_REPLIES,
        """
        cannot_reply_to_message restricted_action_non_threadable_channel
        restricted_action_thread_locked
        """,
    ),
    **_all(
        Follows.MESSAGE,
        _BUG,
        """
        attachment_payload_limit_exceeded blocked_file_type cant_broadcast_message
        draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
        duplicate_message_not_found file_deleted file_is_deleted file_not_found
        file_share_limit_reached invalid_arg_name invalid_arguments invalid_array_arg
        invalid_attachments invalid_blocks invalid_blocks_format invalid_charset invalid_cursor
        invalid_form_data invalid_json invalid_limit invalid_metadata_filter_keys
        invalid_metadata_format invalid_metadata_schema invalid_post_type invalid_ts_latest
        invalid_ts_oldest json_not_object markdown_text_conflict max_file_sharing_exceeded
        metadata_too_large missing_file_data missing_post_type msg_blocks_too_long msg_too_long
        no_text posting_to_channel_denied slack_connect_blocked_file_type
        slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
        slack_connect_lists_sharing_blocked too_many_attachments too_many_contact_cards
        unable_to_share_files
        """,
    ),
    **_all(
        Follows.MESSAGE,
        _PRESS_AGAIN,
        """
        duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id
        view_too_large
        """,
    ),
    **_all(
        Follows.MESSAGE,
        _UNSEEN,
        "bot_not_found user_not_found user_not_in_channel user_not_visible",
    ),
    **_all(Follows.MESSAGE, _FIX_GROUP, "no_such_subteam permission_denied subteam_not_found"),
    **_all(
        Follows.CHANNEL,
        INVITE,
        """
        channel_is_limited_access channel_not_found duplicate_channel_not_found not_in_channel
        """,
    ),
    **_all(Follows.CHANNEL, _CLOSED, "is_archived is_inactive"),
    **_all(
        Follows.CHANNEL,
        _OTHER,
        """
        channel_type_not_supported method_not_supported_for_channel_type
        restricted_action_read_only_channel restricted_action_thread_only_channel team_not_found
        """,
    ),
    **_all(Follows.CHANNEL, _ASK_ADMIN, "ekm_access_denied restricted_action"),
    **_all(
        Follows.CHANNEL,
        "switch the app's Messages tab on (App Home), or set the ID of a channel",
        "messages_tab_disabled",
    ),
    **_all(
        Follows.APP,
        FIX_TOKEN,
        """
        account_inactive as_user_not_supported invalid_auth metadata_must_be_sent_from_app
        not_allowed_token_type not_authed team_access_not_granted token_expired token_revoked
        """,
    ),
    **_all(Follows.APP, _SCOPE, "access_denied missing_scope no_permission"),
    **_all(
        Follows.APP,
        "ask the workspace's administrators to allow the app",
        "accesslimited enterprise_is_restricted two_factor_setup_required",
    ),
    **_all(Follows.APP, "update Earshot", "deprecated_endpoint method_deprecated upgrade_required"),
    **_all(
        Follows.WAIT,
        _LATER,
        """
        external_channel_migrating message_limit_exceeded org_login_required
        pagination_not_available rate_limited ratelimited team_added_to_org update_failed
        """,
    ),
    **_all(
        Follows.UNSURE,
        _LATER,
        """
        fatal_error internal_error messaging_processing_failed request_timeout service_unavailable
        """,
    ),
}

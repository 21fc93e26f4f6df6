"""What becomes of what people do in Slack: refused, asked back, done or answered."""

import logging
from collections.abc import Callable
from datetime import datetime

from alerts.slack.actions import Command, Incoming, LabelPress, Press, Reply, Submission
from alerts.slack.blocks import slack_blocks
from alerts.slack.client import SlackClient
from alerts.slack.dialogs import DIALOGS, answered, dialog
from alerts.slack.people import SENTENCES, People, Person, Refusal
from alerts.slack.settings import SlackSettings
from domain.elements import Message, Text
from domain.errors import EarshotError, RemoteError, StoreError
from domain.press import Verb
from earshot.alerting import label_offers, slack_lists, slack_verbs
from earshot.core.app import App
from net.signed import Seen
from storage import presses

log = logging.getLogger(__name__)

STOPPED = "Earshot was stopped before this was done: try again in a minute."
NO_ANSWER = "Slack did not answer when Earshot asked who you are: try again in a minute."
NO_STORE = "Earshot could not reach its database: try again in a minute."
_EXPIRED = "The dialog could not be opened in time: press the button again."


class Events:
    """Does what comes from Slack, by whichever way."""

    def __init__(self, app: App, settings: SlackSettings, *, clock: Callable[[], datetime]) -> None:
        """Raises RemoteError, permanent, when there is no bot token."""
        self._app, self._settings, self._clock = app, settings, clock
        self._client = SlackClient(settings)
        self._people = People(self._client, allow_group=settings.allow_group)
        self._asked = Seen()  # presses that have opened a dialog

    def handle(self, incoming: Incoming) -> None:
        """Do it. Whoever pressed is told what could not be done, and why."""
        now = self._clock()
        try:
            if isinstance(incoming, Reply) and self._below(incoming) is None:
                return  # people talk about something else
            refusal = self._why_refused(incoming, now)
            if refusal is not None:
                self._refuse(incoming, refusal)
                return
            self._do(incoming, self._people.person(incoming.user_id, now=now), now)
        except (RemoteError, StoreError) as error:
            # These sentences are for who runs Earshot.
            log.warning("slack %s came to nothing reason=%s", _of(incoming), error)
            self._tell(incoming, NO_ANSWER if isinstance(error, RemoteError) else NO_STORE)
        except EarshotError as error:
            # The sentence may name people: it is for who pressed.
            log.info("slack %s came to nothing reason=%s", _of(incoming), type(error).__name__)
            self._tell(incoming, str(error))

    def give_back(self, incoming: Incoming) -> None:
        """The service stops before its turn: nothing is written any more."""
        self._tell(incoming, STOPPED)

    # --- may they -------------------------------------------------------------------------------

    def _why_refused(self, incoming: Incoming, now: datetime) -> Refusal | None:
        refusal = self._people.why_refused(incoming, now=now)
        if refusal is not None:
            return refusal
        with self._app.database.read() as session:
            match incoming:
                case Press():
                    ref = f"{incoming.channel}/{incoming.message_ts}"
                    ours = presses.stands_below(session, incoming.incident_id, ref)
                    return None if ours else Refusal.MESSAGE
                case LabelPress():
                    ref = f"{incoming.channel}/{incoming.message_ts}"
                    key = label_offers.key_of(incoming.draw_id, incoming.mention_id)
                    return None if presses.asks_below(session, key, ref) else Refusal.MESSAGE
                case Command():
                    configured = self._settings.channel in (
                        incoming.channel,
                        incoming.channel_name,
                        f"#{incoming.channel_name}",
                    )
                    ours = configured or presses.speaks_in(session, incoming.channel)
                    return None if ours else Refusal.CHANNEL
                case _:
                    return None

    def _refuse(self, incoming: Incoming, refusal: Refusal) -> None:
        log.warning("slack %s was refused reason=%s", _of(incoming), refusal)
        if not isinstance(incoming, Reply):  # who only talks was not asking for anything
            self._tell(incoming, SENTENCES[refusal])

    # --- do it ----------------------------------------------------------------------------------

    def _do(self, incoming: Incoming, person: Person, now: datetime) -> None:
        match incoming:
            case Press() if incoming.verb in DIALOGS:
                self._ask(incoming, now)
            case Press():
                self._press(incoming, person, now)
            case LabelPress():
                self._label(incoming, person, now)
            case Submission():
                self._submit(incoming, person, now)
            case Command():
                if self._is_new(incoming, now):
                    message = slack_lists.answer(self._app, person, incoming.text, now=now)
                    self._send(incoming, message)
            case Reply():
                self._note(incoming, person, now)

    def _ask(self, press: Press, now: datetime) -> None:
        """Open the dialog, without writing anything: Slack waits three seconds for it."""
        if not self._asked.claim("/".join(press.once), now=now):
            return
        view = dialog(press.verb, press.incident_id, press.version, now=now)
        try:
            self._client.call("views.open", trigger_id=press.trigger_id, view=view)
        except RemoteError as error:
            log.warning("slack dialog was not opened reason=%s", error)
            raise EarshotError(_EXPIRED) from error

    def _press(self, press: Press, person: Person, now: datetime) -> None:
        chosen = press.chosen
        if press.verb is Verb.ASSIGN:
            other = self._people.person(chosen, now=now)
            if other.refusal is not None:
                raise EarshotError(f"{other.name} cannot take an incident: {other.refusal}")
            chosen = other.name
        if self._is_new(press, now):
            self._act(press, chosen, person, now)

    def _submit(self, submission: Submission, person: Person, now: datetime) -> None:
        given = answered(submission, now=now)
        if self._is_new(submission, now):
            self._act(submission, given, person, now)

    def _act(self, seen: Press | Submission, chosen: object, person: Person, now: datetime) -> None:
        slack_verbs.do(
            self._app,
            seen.verb,
            seen.incident_id,
            chosen,
            by=person.name,
            now=now,
            version=seen.version,
        )
        log.info("slack %s was done", _of(seen))

    def _label(self, press: LabelPress, person: Person, now: datetime) -> None:
        if self._is_new(press, now):
            label_offers.take(
                self._app,
                press.draw_id,
                press.mention_id,
                press.said.label,
                by=person.name,
                now=now,
            )
            log.info("slack %s was done", _of(press))

    def _note(self, reply: Reply, person: Person, now: datetime) -> None:
        incident_id = self._below(reply)
        if incident_id is None or not self._is_new(reply, now):
            return
        slack_verbs.do(
            self._app, Verb.NOTE, incident_id, reply.text, by=person.name, now=now, version=None
        )
        log.info("slack reply was kept incident=%d", incident_id)

    def _below(self, reply: Reply) -> int | None:
        """The incident below whose first message it was written."""
        with self._app.database.read() as session:
            return presses.incident_at(session, f"{reply.channel}/{reply.thread_ts}")

    def _is_new(self, incoming: Incoming, now: datetime) -> bool:
        with self._app.database.begin() as session:
            is_new = presses.claim(session, incoming.once, now=now)
        if not is_new:
            log.info("slack %s came again", _of(incoming))
        return is_new

    # --- tell ------------------------------------------------------------------------------------

    def _tell(self, incoming: Incoming, sentence: str) -> None:
        self._send(incoming, Message(sentence, (Text(sentence),)))

    def _send(self, incoming: Incoming, message: Message) -> None:
        """Show it to who pressed, and to nobody else, if Slack takes it."""
        try:
            if incoming.response_url:
                self._client.respond(incoming.response_url, message)
                return
        except RemoteError as error:
            log.warning("slack answer did not arrive reason=%s", error)
        try:
            self._show(incoming, message)
        except EarshotError as error:
            log.warning("slack answer did not arrive reason=%s", error)

    def _show(self, incoming: Incoming, message: Message) -> None:
        channel, thread = incoming.channel, None
        if isinstance(incoming, Submission):  # a dialog stands in no channel
            with self._app.database.read() as session:
                ref = presses.first_message(session, incoming.incident_id) or ""
            channel = ref.rpartition("/")[0]
        if isinstance(incoming, Reply):
            thread = incoming.thread_ts
        if not channel:
            raise RemoteError("slack: there is no channel to answer in", permanent=True)
        text, blocks = slack_blocks(message)
        self._client.call(
            "chat.postEphemeral",
            channel=channel,
            user=incoming.user_id,
            text=text,
            blocks=blocks,
            thread_ts=thread,
        )


def _of(incoming: Incoming) -> str:
    """What it was, for the log: no words, no names."""
    who = f"user={incoming.user_id}"
    match incoming:
        case Press():
            return f"press {who} verb={incoming.verb} incident={incoming.incident_id}"
        case LabelPress():
            return f"label {who} mention={incoming.mention_id}"
        case Submission():
            return f"dialog {who} verb={incoming.verb} incident={incoming.incident_id}"
        case Command():
            return f"command {who}"
        case Reply():
            return f"reply {who}"

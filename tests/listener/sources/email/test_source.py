import json
import logging
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import RemoteError
from domain.mention import Author, Mention
from listener.query import parse
from listener.source import EVERYTHING, Page, Watch
from listener.sources.email import imap
from listener.sources.email.posts import mention_of
from listener.sources.email.settings import EmailSettings
from listener.sources.email.source import EmailSource
from tests.listener.sources.email.mailbox import Server, serve_mail
from tests.listener.sources.signing import certificate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SHARED = Watch("", EVERYTHING)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve_mail() as made:
        yield made


def source(server: Server, **more: object) -> EmailSource:
    given = {"base_url": server.url, "user": "support@acme.example", "password": "s3cret"}
    return EmailSource(EmailSettings.model_validate({**given, **more}))


def collect(
    server: Server,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = SHARED,
    **more: object,
) -> list[Page]:
    return list(source(server, **more).collect(watch, cursor, since=since, now=NOW))


def mail(text: str = "It leaks.", **headers: str) -> bytes:
    written = {
        "Message-ID": "<one@mail.example>",
        "From": "Ana Ruiz <Ana@Mail.example>",
        "Subject": "My acme kettle",
        "Date": "Fri, 20 Nov 2026 09:00:00 +0000",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in written.items() if value]
    return "\r\n".join([*lines, "", text]).encode()


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


# -- one mail


def test_reads_a_mail_as_its_reader_sees_it() -> None:
    headers = {
        "In_Reply_To": "<zero@mail.example>",
        "References": "<root@mail.example> <zero@mail.example>",
        "Subject": "=?utf-8?q?My_acme_k=C3=A9ttle?=",
    }
    assert mention_of(mail(**headers), NINE, NOW) == Mention(
        source="email",
        external_id="one@mail.example",
        text="My acme kéttle\n\nIt leaks.",
        published_at=NINE,
        parent_id="zero@mail.example",
        conversation_id="root@mail.example",
        author=Author("ana@mail.example", "ana@mail.example", "Ana Ruiz"),
    )


def test_html_is_read_where_there_is_no_plain_text_and_attachments_never() -> None:
    made = EmailMessage()
    made["Subject"], made["Message-ID"] = "Hello", "<two@mail.example>"
    made.set_content("<p>It <b>leaks</b>.</p><script>x()</script>", subtype="html")
    made.add_attachment("secret plan", filename="plan.txt")
    made.add_attachment(made_within())
    mention = mention_of(made.as_bytes(), NINE, NOW)
    assert mention is not None
    assert mention.text == "Hello\n\nIt leaks."
    made = EmailMessage()
    made.set_content("plain words")
    made.add_alternative("<p>marked up</p>", subtype="html")
    mention = mention_of(made.as_bytes(), NINE, NOW)
    assert mention is not None
    assert mention.text == "plain words"


def made_within() -> EmailMessage:
    inner = EmailMessage()
    inner.set_content("a mail that was passed on")
    return inner


@pytest.mark.parametrize("said", ["auto-replied", "auto-generated; owner-email=x"])
def test_what_a_machine_wrote_by_itself_is_no_mention(said: str) -> None:
    assert mention_of(mail(Auto_Submitted=said), NINE, NOW) is None


@pytest.mark.parametrize(
    ("written", "published_at"),
    [
        pytest.param("Fri, 20 Nov 2026 10:30:00 +0200", NINE - timedelta(minutes=30), id="zone"),
        pytest.param("Fri, 20 Nov 2026 08:00:00 -0000", NINE - timedelta(hours=1), id="no zone"),
        pytest.param("", NINE, id="none"),
        pytest.param("yesterday", NINE, id="no date"),
        pytest.param("Thu, 1 Jan 1970 00:00:00 +0000", NINE, id="the epoch"),
        pytest.param("Fri, 20 Nov 2099 09:00:00 +0000", NINE, id="the future"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -2359", NINE, id="the last date"),
    ],
)
def test_a_date_is_kept_where_it_can_be_right(written: str, published_at: datetime) -> None:
    mention = mention_of(mail(Date=written), NINE, NOW)
    assert mention is not None
    assert mention.published_at == published_at


def test_a_mail_without_an_id_has_the_same_one_each_time() -> None:
    first, second = (mention_of(mail(Message_ID=""), NINE, NOW) for _ in range(2))
    assert first is not None
    assert first == second
    assert first.external_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(
            b"Content-Type: text/plain; charset=klingon\r\n\r\nk\xe9ttle", "kéttle", id="charset"
        ),
        pytest.param(b"Subject: =?klingon?b?YWNtZQ==?=\r\n\r\n.", "acme\n\n.", id="header charset"),
        pytest.param(
            b"Content-Type: text/plain; charset=utf-8\r\n\r\nk\xe9", "k\ufffd", id="not UTF-8"
        ),
        pytest.param(b"Subject: k\xe9ttle\r\n\r\nx", "k\ufffdttle\n\nx", id="8 bits in a header"),
        pytest.param(b"\r\nno header at all \0", "no header at all", id="no header"),
        pytest.param(
            b"Content-Transfer-Encoding: base64\r\n\r\nYWNtZSBsZWFr", "acme leak", id="base64"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nacme leaks and is cut",
            "acme leaks and is cut",
            id="cut off",
        ),
    ],
)
def test_nonsense_costs_its_letters_only(raw: bytes, text: str) -> None:
    mention = mention_of(raw, NINE, NOW)
    assert mention is not None
    assert mention.text == text
    assert mention.author is None


def test_an_address_that_is_none_names_nobody() -> None:
    for odd in ("undisclosed", "<>", '"@" <x>', "=?x?", "a" * 100_000):
        mention = mention_of(mail(From=odd), NINE, NOW)
        assert mention is not None
        assert mention.author is None


# -- the mailbox


def test_nothing_in_the_mailbox_is_changed(server: Server) -> None:
    server.put(1, mail())
    collect(server)
    commands = " ".join(server.asked)
    assert "EXAMINE" in commands
    assert "BODY.PEEK[]<0.1000000>" in commands
    assert not {"SELECT", "STORE", "EXPUNGE", "COPY", "MOVE"} & set(commands.split())


def test_the_first_pass_takes_the_last_day_and_the_next_only_what_is_new(server: Server) -> None:
    server.put(4, mail())
    (first,) = collect(server)
    assert any("SINCE 18-Nov-2026" in command for command in server.asked)
    assert ids([first]) == ["one@mail.example"]
    assert first.backlog
    cursor = json.loads(json.dumps(first.cursor))
    (quiet,) = collect(server, cursor)
    assert (quiet.mentions, quiet.fetched) == ((), 0)
    server.put(9, mail(Message_ID="<new@mail.example>"))
    (second,) = collect(server, quiet.cursor)
    assert ids([second]) == ["new@mail.example"]
    assert not second.backlog


def test_an_empty_mailbox_is_a_page_with_nothing_in_it(server: Server) -> None:
    (page,) = collect(server)
    assert (page.mentions, page.fetched, page.broken, page.gap) == ((), 0, (), None)
    server.put(1, mail())
    assert ids(collect(server, page.cursor)) == ["one@mail.example"]


def test_a_crash_between_pages_loses_nothing(server: Server) -> None:
    for uid in range(1, 26):
        server.put(uid, mail(Message_ID=f"<{uid}@m>"))
    walk = source(server).collect(SHARED, None, since=None, now=NOW)
    first = next(walk)
    del walk
    later = collect(server, json.loads(json.dumps(first.cursor)))
    assert ids([first, *later]) == [f"{uid}@m" for uid in range(1, 26)]


def test_new_numbers_are_read_from_the_day_of_the_last_pass(server: Server) -> None:
    server.put(40, mail())
    cursor = collect(server)[-1].cursor
    server.validity = 2
    server.folders["INBOX"] = {}
    server.put(1, mail())
    (page,) = collect(server, cursor)
    assert ids([page]) == ["one@mail.example"], "its Message-ID says that it is known"
    assert page.cursor["asks"]["INBOX"]["uid"] == 1
    assert any("SINCE 19-Nov-2026" in command for command in server.asked)


def test_a_backfill_searches_from_its_day_and_the_mark_does_not_go_back(server: Server) -> None:
    server.put(40, mail())
    cursor = collect(server)[-1].cursor
    server.asked.clear()
    (page,) = collect(server, cursor, since=NOW - timedelta(days=30))
    assert any("SINCE 20-Oct-2026" in command for command in server.asked)
    assert (page.backlog, page.cursor) == (True, cursor)


def test_one_broken_mail_is_told_and_the_rest_kept(server: Server) -> None:
    server.put(1, mail(Message_ID="<1@m>"))
    server.put(2, mail(text="", Subject=""))
    server.put(3, mail(Message_ID="<3@m>"))
    (page,) = collect(server)
    assert ids([page]) == ["1@m", "3@m"]
    assert (page.broken, page.fetched) == (("email: mail 2 of INBOX: it has no words",), 3)


def test_of_a_huge_mail_the_first_megabyte_is_read(server: Server) -> None:
    server.put(1, mail(text="acme " * 2_000_000))
    (page,) = collect(server)
    assert 990_000 < len(page.mentions[0].text) < 1_000_000


def test_folders_go_on_each_from_its_own_place_and_one_that_is_missing_stops_no_other(
    server: Server,
) -> None:
    server.put(7, mail(Message_ID="<sent@m>", In_Reply_To="<one@mail.example>"), "Sent Mail")
    folders = ["Gone", "Sent Mail"]
    sent, missing = collect(server, folders=folders)
    assert missing.broken == (
        "email: folder Gone of 127.0.0.1 cannot be read; check sources.email.folders",
    )
    assert [one.parent_id for one in sent.mentions] == ["one@mail.example"]
    assert ids(collect(server, missing.cursor, folders=folders)) == []


def test_a_mailbox_of_one_brand_is_not_read_for_another(server: Server) -> None:
    server.put(1, mail())
    assert collect(server, watch=Watch("Globex", parse("globex")), brand="Acme") == []
    assert server.asked == []
    assert len(ids(collect(server, watch=Watch("Acme", parse("acme")), brand="acme"))) == 1


# -- trouble


@pytest.mark.parametrize(
    ("refusal", "permanent"),
    [(b"NO [AUTHENTICATIONFAILED] no", True), (b"NO [UNAVAILABLE] later", False)],
)
def test_a_refused_login_names_the_keys(server: Server, refusal: bytes, *, permanent: bool) -> None:
    server.refusal = refusal
    with pytest.raises(RemoteError, match=r"check sources\.email\.user and password") as caught:
        collect(server, password="wr0ng")
    assert caught.value.permanent is permanent
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        pytest.param("greeting", b"220 this is SMTP\r\n", id="another service"),
        pytest.param("greeting", b"* BYE too many\r\n", id="turned away"),
        pytest.param("LOGIN", None, id="hangs up at the login"),
        pytest.param("EXAMINE", None, id="hangs up at the folder"),
        pytest.param("UID SEARCH", b"TAG NO not now\r\n", id="no search"),
        pytest.param("UID SEARCH", b"* SEARCH 1\r\nTAG BAD what\r\n", id="bad command"),
        pytest.param("UID FETCH", None, id="hangs up in the middle"),
        pytest.param("UID FETCH", b"TAG NO not now\r\n", id="no mail"),
        pytest.param("UID FETCH", b"* 1 FETCH (BODY[]<0> {10}\r\nabc", id="hangs on half a mail"),
        pytest.param(
            "UID FETCH", b"* 1 FETCH (BODY[]<0> {9999999999}\r\n", id="promises ten gigabytes"
        ),
        pytest.param("EXAMINE", b"\xff\xfe what\r\n\r\n", id="no IMAP"),
    ],
)
def test_a_failing_server_is_one_line_and_may_be_tried_again(
    server: Server, monkeypatch: pytest.MonkeyPatch, command: str, fault: bytes | None
) -> None:
    monkeypatch.setattr(imap, "_TIMEOUT_S", 0.2)
    server.put(1, mail())
    server.faults[command] = fault
    with pytest.raises(RemoteError) as caught:
        collect(server)
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)
    assert "s3cret" not in repr(caught.value) + repr(caught.value.__cause__)


def test_a_connection_ends_even_when_it_is_never_silent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_LONGEST_S", 0.2)
    server.faults["EXAMINE"] = b"* 1 EXISTS\r\n"  # and never an end to it
    with pytest.raises(RemoteError, match="no whole answer came from 127"):
        collect(server)


@pytest.fixture
def trusted(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server with TLS, and the file to trust it by."""
    path = tmp_path / "server.pem"
    path.write_text(certificate("127.0.0.1"))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(path)
    with serve_mail(tls) as made:
        yield made, path


def test_mail_is_read_over_tls_from_a_server_that_is_trusted(
    trusted: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, path = trusted
    server.put(1, mail())
    with pytest.raises(
        RemoteError, match=r"the certificate of 127\.0\.0\.1 is not trusted"
    ) as caught:
        collect(server)
    assert caught.value.permanent
    assert server.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert ids(collect(server)) == ["one@mail.example"]
    monkeypatch.setattr(imap, "_LONGEST_S", 0.2)
    server.faults["EXAMINE"] = b"* 1 EXISTS\r\n"
    with pytest.raises(RemoteError, match="no whole answer came"):
        collect(server)


def test_nobody_listens(server: Server) -> None:
    with pytest.raises(RemoteError, match="no whole answer came from 127") as caught:
        collect(server, base_url="imap://127.0.0.1:1")
    assert not caught.value.permanent


def test_secrets_and_texts_appear_in_no_log(
    server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.put(1, mail())
    collect(server)
    server.faults["UID FETCH"] = None
    with pytest.raises(RemoteError):
        collect(server)
    written = caplog.text + "".join(capfd.readouterr())
    assert "s3cret" not in written
    assert "leaks" not in written


def test_check_opens_every_folder(server: Server) -> None:
    server.put(1, mail())
    server.put(1, mail(), "Sent")
    said = source(server, folders=["INBOX", "Sent"]).check()
    assert said == "email: INBOX with 1 mails, Sent with 1 mails can be read"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"base_url": "imap://mail.example.org"}, "without TLS from this machine only"),
        ({"base_url": "https://mail.example.org"}, "a mail server such as imaps://"),
        ({"base_url": "imaps://user:s3cret@mail.example.org"}, "a mail server such as imaps://"),
        ({"base_url": "imaps://mail.example.org:99999"}, "a mail server such as imaps://"),
        ({"password": "a\r\nX LOGOUT"}, "visible ASCII characters only"),
        ({"folders": ["a\r\nb"]}, "is no folder"),
        ({"folders": []}, "at least 1 item"),
        ({"enabled": True}, "base_url and user and password missing"),
    ],
)
def test_a_wrong_table_is_refused(table: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        EmailSettings.model_validate(table)
    assert "s3cret" not in str(caught.value)

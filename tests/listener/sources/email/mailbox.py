"""A mail server on loopback, as much of IMAP as a reader needs, with faults that can be planned."""

import re
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import cast


@dataclass
class Stored:
    """A mail as the server has it."""

    raw: bytes
    received: str = "20-Nov-2026 09:00:00 +0000"


@dataclass
class Server:
    folders: dict[str, dict[int, Stored]] = field(default_factory=lambda: {"INBOX": {}})
    validity: int = 1
    password: str = "s3cret"
    refusal: bytes = b"NO [AUTHENTICATIONFAILED] no"
    asked: list[str] = field(default_factory=list)
    faults: dict[str, bytes | None] = field(default_factory=dict)  # by command; None: hang up
    url: str = ""

    def put(self, uid: int, raw: bytes, folder: str = "INBOX", received: str = "") -> None:
        mail = Stored(raw, received) if received else Stored(raw)
        self.folders.setdefault(folder, {})[uid] = mail


class _Handler(socketserver.StreamRequestHandler):
    folder = ""

    @property
    def mail(self) -> Server:
        return cast("_Listening", self.server).mail

    def handle(self) -> None:
        self.wfile.write(self.mail.faults.get("greeting") or b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            if not command.startswith("LOGIN"):
                self.mail.asked.append(command)
            name = next((one for one in self.mail.faults if command.startswith(one)), "")
            if name:
                fault = self.mail.faults[name]
                if fault is None:
                    return
                self.wfile.write(fault.replace(b"TAG", tag.encode()))
                continue
            self.answer(tag.encode(), command)
            if command == "LOGOUT":
                return

    def answer(self, tag: bytes, command: str) -> None:
        done = b"OK done"
        if command == "CAPABILITY":
            self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
        elif command.startswith("LOGIN"):
            done = done if self.mail.password in command else self.mail.refusal
        elif command.startswith("EXAMINE"):
            done = self.examine(command)
        elif command.startswith("UID SEARCH"):
            found = " ".join(map(str, self.search(command)))
            self.wfile.write(f"* SEARCH {found}\r\n".encode())
        elif command.startswith("UID FETCH"):
            self.fetch(command)
        elif command != "LOGOUT":
            done = b"BAD this reader changes things"
        self.wfile.write(tag + b" " + done + b"\r\n")

    def examine(self, command: str) -> bytes:
        self.folder = command.partition('"')[2].rstrip('"')
        if self.folder not in self.mail.folders:
            return b"NO there is no such folder"
        mails = self.mail.folders[self.folder]
        self.wfile.write(
            f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY {self.mail.validity}] ok\r\n"
            f"* OK [UIDNEXT {max(mails, default=0) + 1}] ok\r\n".encode()
        )
        return b"OK [READ-ONLY] done"

    def search(self, command: str) -> list[int]:
        uids = sorted(self.mail.folders[self.folder])
        later = re.search(r"UID (\d+):\*", command)
        if later is None:
            return uids
        # n:* names the last mail, too, whatever its number.
        return [uid for uid in uids if uid >= int(later[1])] or uids[-1:]

    def fetch(self, command: str) -> None:
        for uid in map(int, command.split()[2].split(",")):
            stored = self.mail.folders[self.folder].get(uid)
            if stored is None:
                continue
            raw = stored.raw[:1_000_000]
            head = f'* {uid} FETCH (INTERNALDATE "{stored.received}" BODY[]<0> {{{len(raw)}}}'
            self.wfile.write(head.encode() + b"\r\n" + raw + f" UID {uid})\r\n".encode())
            self.wfile.write(f"* {uid} FETCH (FLAGS (\\Seen) UID {uid})\r\n".encode())


class _Listening(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, mail: Server, tls: ssl.SSLContext | None) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def serve_mail(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    mail = Server()
    server = _Listening(mail, tls)
    mail.url = f"{'imaps' if tls else 'imap'}://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001}, daemon=True)
    thread.start()
    try:
        yield mail
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Mail goes to a server that speaks SMTP, and what the server answers decides whether it is tried again."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message

import pytest

from engage.gateways import GatewayDown, Undeliverable
from engage.gateways.mail import MailGateway
from tests.make import parcel
from tests.servers import free_port

PARCEL = parcel(7, "A case waits. Ä", subject="Case EN-7K2P-4")


class Letterbox(socketserver.ThreadingTCPServer):
    """A small SMTP server (RFC 5321) that keeps what it is given; `answers` replaces its answer to a command."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[bytes] = []
        self.answers: dict[bytes, bytes] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Letterbox

    def handle(self) -> None:
        self.wfile.write(b"220 letterbox\r\n")
        while line := self.rfile.readline():
            word = line[:4].strip().upper()
            self.wfile.write(self.server.answers.get(word, b"354 go on" if word == b"DATA" else b"250 fine") + b"\r\n")
            if word == b"DATA" and word not in self.server.answers:
                self.take_in()

    def take_in(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.mails.append(b"".join(lines))
        self.wfile.write(b"250 taken\r\n")


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    with Letterbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sent(letterbox: Letterbox) -> list[Message]:
    return [message_from_bytes(mail) for mail in letterbox.mails]


def test_a_message_arrives_whole(letterbox: Letterbox) -> None:
    provider_id = MailGateway(letterbox.url, "Engage <engage@port.example>").send(PARCEL)
    (mail,) = sent(letterbox)
    assert (mail["To"], mail["Subject"]) == ("desk@port.example", "Case EN-7K2P-4")
    assert mail["Message-ID"] == provider_id
    assert provider_id.endswith("@port.example>")
    assert bytes(mail.get_payload(decode=True)).decode() == "A case waits. Ä\r\n"  # type: ignore[arg-type]


def test_a_second_copy_carries_the_same_message_id(letterbox: Letterbox) -> None:
    first = MailGateway(letterbox.url, "engage@port.example")
    again = MailGateway(letterbox.url, "engage@port.example")
    assert first.send(PARCEL) == again.send(replace(PARCEL, attempts=2))
    assert again.already_has(PARCEL) is None


@pytest.mark.parametrize(
    ("command", "answer", "failure"),
    [
        (b"RCPT", b"550 nobody here", Undeliverable),
        (b"RCPT", b"450 later", GatewayDown),
        (b"MAIL", b"553 not you", Undeliverable),
        (b"DATA", b"451 too busy", GatewayDown),
        (b"MAIL", b"530 sign in first", GatewayDown),
    ],
)
def test_the_answer_decides(letterbox: Letterbox, command: bytes, answer: bytes, failure: type[Exception]) -> None:
    letterbox.answers[command] = answer
    with pytest.raises(failure, match=answer.decode()):
        MailGateway(letterbox.url, "engage@port.example").send(PARCEL)
    assert not letterbox.mails


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(GatewayDown):
        MailGateway(f"smtp://127.0.0.1:{free_port()}", "engage@port.example").send(PARCEL)


def test_an_address_with_a_line_break_is_never_sent(letterbox: Letterbox) -> None:
    smuggled = parcel(8, "text", recipient="a@b.example\r\nBcc: c@d.example")
    with pytest.raises(Undeliverable):
        MailGateway(letterbox.url, "engage@port.example").send(smuggled)
    assert not letterbox.mails

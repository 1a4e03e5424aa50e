"""Mail to staff, handed to a mail server by SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from engage.gateways import GatewayDown, Parcel, Undeliverable, message_id

#: One answer of the server may take this long, and the whole talk this long: less than the lease of an outbox row, so
#: that nobody else takes the row up while we still send it.
ANSWER_SECONDS = 15.0
TALK_SECONDS = 45.0
SUBMISSION_PORT = 587
SUBMISSION_TLS_PORT = 465


class MailGateway:
    """Sends each message on a connection of its own. SMTP cannot be asked what it has: the Message-ID tells copies."""

    def __init__(self, mail_url: str, sender: str) -> None:
        """`mail_url` is `smtp://user:password@host:587` (STARTTLS when there is a password) or `smtps://…`."""
        self._url = urlsplit(mail_url)
        self._sender = sender
        self._domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"

    def send(self, parcel: Parcel) -> str:
        """Hand a message to the server and give its Message-ID."""
        try:
            message = self._written(parcel)
        except ValueError as problem:  # a line break in an address or subject
            raise Undeliverable(f"cannot be written as mail: {problem}") from None
        try:
            with _talk(self._url) as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            code, said = next(iter(problem.recipients.values()))
            raise _refused(code, said) from None
        except smtplib.SMTPResponseException as problem:
            raise _refused(problem.smtp_code, problem.smtp_error) from None
        except smtplib.SMTPNotSupportedError as problem:
            raise GatewayDown(str(problem)) from None
        except (smtplib.SMTPException, OSError) as problem:
            raise GatewayDown(f"{type(problem).__name__}: {problem}") from None
        return str(message["Message-ID"])

    def already_has(self, parcel: Parcel) -> str | None:  # noqa: ARG002
        """None: SMTP cannot know."""
        return None

    def _written(self, parcel: Parcel) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = parcel.recipient
        message["Subject"] = parcel.subject
        message["Date"] = formatdate()
        message["Message-ID"] = message_id(parcel, self._domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday replies must not answer
        message.set_content(parcel.body)
        return message


@contextmanager
def _talk(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection to the server, signed in, that is cut when the talk takes too long."""
    server, port = _not_connected(url)
    hang_up = threading.Timer(TALK_SECONDS, _cut, [server])
    hang_up.daemon = True
    hang_up.start()
    try:
        server.connect(url.hostname or "", url.port or port)
        if url.username:
            if url.scheme == "smtp":
                server.starttls(context=ssl.create_default_context())
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
    finally:
        hang_up.cancel()
        server.close()


def _not_connected(url: SplitResult) -> tuple[smtplib.SMTP, int]:
    if url.scheme == "smtps":
        secured = smtplib.SMTP_SSL(timeout=ANSWER_SECONDS, context=ssl.create_default_context())
        # starttls and TLS both check the certificate against this name, which connect() alone does not set.
        secured._host = url.hostname or ""  # type: ignore[attr-defined]
        return secured, SUBMISSION_TLS_PORT
    plain = smtplib.SMTP(timeout=ANSWER_SECONDS)
    plain._host = url.hostname or ""  # type: ignore[attr-defined]
    return plain, SUBMISSION_PORT


def _cut(server: smtplib.SMTP) -> None:
    if server.sock:
        try:
            server.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has just ended by itself


def _refused(code: int, said: bytes | str) -> GatewayDown | Undeliverable:
    """4xx means later, 5xx never (RFC 5321, 4.2.1); but a refused sign-in is ours to mend, and then it goes out."""
    text = f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    never = 500 <= code < 600 and code not in (530, 534, 535, 538)
    return Undeliverable(text) if never else GatewayDown(text)

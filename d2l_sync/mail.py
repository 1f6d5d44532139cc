"""Mail over SMTP: encrypted and with the certificate checked unless configured otherwise, and never waited for long.

An error never quotes what the server said: it may repeat an address.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.mail import Handed, Mail, MailLost
from d2l_sync.domain.settings import MailSettings
from d2l_sync.unanswered import ADDRESS, why_unanswered

TIMEOUT_S = 20
CONNECTING_S = 60
"""For all addresses of the server together: a name may have many, of which none answers."""
TAKING_S = 600
"""For the answer to a mail that was handed over. Servers look at one for minutes, and who hangs up sends it twice.

Source: RFC 5321, 4.5.3.2.6.
"""
LONGEST_S = 900
"""For everything: a server that says a line now and then, and never the last one, would hold the thread for ever."""
TAKEN, FAULT, FOR_EVER = 250, 400, 500
YES = range(200, 300)
"""By its first digit alone; smtplib knows one of them. Source: RFC 5321, 4.2.1."""
NOT_SMTP = -1
HINTS = {
    "starttls": "check mail.host, mail.port (mostly 587) and mail.security",
    "tls": "check mail.host, mail.port (mostly 465) and mail.security",
    "none": "check mail.host, mail.port (mostly 25) and mail.security",
}


class SmtpMailer:
    """The port `Mailer` on one mail server.

    $SSL_CERT_FILE names other certificates to trust, $REQUESTS_CA_BUNDLE and $CURL_CA_BUNDLE further ones.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._key = ""
        self._done: set[str] = set()

    def send(self, mail: Mail) -> Handed:
        if mail.key != self._key or not mail.key:
            self._key, self._done = mail.key, set()
        left = [one for one in self._settings.recipients if one not in self._done]
        with self._signed_in() as server:
            refused = self._handed(server, mail, left)
        put_off = {one for one, (code, _) in refused.items() if code < FOR_EVER}
        self._done.update(one for one in left if one not in put_off)
        return Handed(refused=len(refused) - len(put_off), put_off=len(put_off))

    def _handed(self, server: "_Patient", mail: Mail, to: list[str]) -> dict[str, tuple[int, bytes]]:
        try:
            return server.send_message(self._message(mail), to_addrs=to)
        except smtplib.SMTPException as error:
            if not server.is_whole or isinstance(error, smtplib.SMTPDataError):
                raise
        what = "the mail server did not say whether it took the mail"
        raise MailLost(what, hint="it is sent again, as the same mail; the mail server's log tells what became of it")

    def prove(self) -> int:
        """Sign in, name sender and recipients, and leave. A recipient who is put off (4xx) is not refused."""
        settings = self._settings
        addresses = (settings.sender, *settings.recipients)
        with self._signed_in() as server:
            server.ehlo_or_helo_if_needed()
            code, _ = server.mail(settings.sender, () if "".join(addresses).isascii() else ("SMTPUTF8",))
            if code >= FAULT:
                raise smtplib.SMTPSenderRefused(code, b"", "")
            refused = sum(server.rcpt(one)[0] >= FOR_EVER for one in settings.recipients)
            server.rset()
            if refused == len(settings.recipients):
                raise smtplib.SMTPRecipientsRefused({})
            return refused

    @contextmanager
    def _signed_in(self) -> Iterator["_Patient"]:
        settings, hint = self._settings, HINTS[self._settings.security]
        try:
            with self._connected() as server:
                if settings.username:
                    server.login(settings.username, settings.password)
                yield server
        except UnicodeEncodeError:
            what = "a sign-in at the mail server takes plain letters only"
            raise SourceUnavailable(what, hint="choose a mail.username and mail_password of ASCII letters") from None
        except smtplib.SMTPServerDisconnected as error:
            raise self._unanswered(error, hint) from None
        except smtplib.SMTPException as error:
            raise SourceUnavailable(f"the mail server {_why(error)}", hint=hint) from None
        except OSError as error:
            raise self._unanswered(error, hint) from None

    def _unanswered(self, error: Exception, hint: str) -> SourceUnavailable:
        why = why_unanswered(error, called=self._settings.host)
        is_of_ours = not why.hint or ADDRESS in why.hint  # an address is another thing to whoever sets up mail
        return SourceUnavailable(f"the mail server did not answer: {why.what}", hint=hint if is_of_ours else why.hint)

    @contextmanager
    def _connected(self) -> Iterator["_Patient"]:
        host, port, name = self._settings.host, self._settings.port, socket.gethostname()
        if self._settings.security == "tls":
            server: _Patient = _PatientTls(host, port, local_hostname=name, timeout=TIMEOUT_S, context=_trust())
        else:
            server = _Patient(host, port, local_hostname=name, timeout=TIMEOUT_S)
        try:
            if self._settings.security == "starttls":
                server.starttls(context=_trust())
            yield server
        finally:
            # What the server makes of a farewell changes nothing about the mail that it took.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.recipients)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(localtime())
        domain = self._settings.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{mail.key}@{domain}>" if mail.key else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(mail.text)
        return message


class _Patient(smtplib.SMTP):
    """Waits long for what becomes of a mail, but not for ever. is_whole: one was handed over, to its last line."""

    is_whole = False
    _wire: socket.socket | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the parent's signature
        self._end = Timer(LONGEST_S, self._hang_up)
        self._end.daemon = True
        self._end.start()
        with ExitStack() as undo:
            undo.callback(self._let_go)
            super().__init__(*args, **kwargs)
            undo.pop_all()

    def close(self) -> None:
        self._let_go()
        super().close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to the first address that answers. Raises OSError, that of the last one tried."""
        until = monotonic() + CONNECTING_S
        trouble = OSError("no address")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            left_s = until - monotonic()
            if left_s <= 0:
                break
            try:
                made = socket.create_connection((str(address[0]), port), timeout=min(timeout, left_s))
            except OSError as error:
                trouble = error
            else:
                self._wire = made.dup()
                return made
        raise trouble

    def _hang_up(self) -> None:
        """End the connection, whoever waits on it. TLS takes the socket away from us while it greets; not this one."""
        if self._wire:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        self._end.cancel()
        if self._wire:
            self._wire.close()

    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401 - the parent's signature
        if self.sock:
            self.sock.settimeout(TAKING_S)
        code, said = super().data(msg)
        if self.sock:
            self.sock.settimeout(TIMEOUT_S)
        if code not in YES and code < FAULT:
            raise smtplib.SMTPServerDisconnected("it said neither yes nor no")
        return TAKEN if code in YES else code, said

    def send(self, s: Any) -> None:  # noqa: ANN401 - the parent's signature
        super().send(s)
        self.is_whole = isinstance(s, bytes) and s.endswith(b"\r\n.\r\n")


class _PatientTls(_Patient, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if further := os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        is_folder = Path(further).is_dir()
        context.load_verify_locations(None if is_folder else further, further if is_folder else None)
    return context


def _why(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code < FOR_EVER:
            return f"takes no sign-in now ({code})"
        case smtplib.SMTPAuthenticationError():
            return "refuses mail.username or its password"
        case smtplib.SMTPRecipientsRefused(recipients=refused) if any(code < FOR_EVER for code, _ in refused.values()):
            return "puts every address of mail.to off, or refuses it"
        case smtplib.SMTPRecipientsRefused():
            return "refuses every address of mail.to"
        case smtplib.SMTPSenderRefused(smtp_code=code) if code < FOR_EVER:
            return f"puts mail.from off ({code})"
        case smtplib.SMTPSenderRefused():
            return "refuses mail.from"
        case smtplib.SMTPNotSupportedError():
            return "offers no encryption or no sign-in"
        case smtplib.SMTPResponseException(smtp_code=code) if code == NOT_SMTP:
            return "answered in no words of a mail server"
        case smtplib.SMTPResponseException(smtp_code=code):
            return f"answered {code}"
        case _:
            return f"could not be spoken to ({type(error).__name__})"

"""Mail over SMTP: encrypted and with the certificate checked unless configured otherwise, and never waited for long.

An error never quotes what the server said: it may repeat an address.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.mail import Mail
from d2l_sync.domain.settings import MailSettings

TIMEOUT_S = 20
FAULT, FOR_EVER = 400, 500
HINTS = {
    "starttls": "check mail.host, mail.port (mostly 587) and mail.security",
    "tls": "check mail.host, mail.port (mostly 465) and mail.security",
    "none": "check mail.host, mail.port (mostly 25) and mail.security",
}


class SmtpMailer:
    """The port `Mailer` on one mail server. $SSL_CERT_FILE names another bundle of certificates to trust."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def send(self, mail: Mail) -> int:
        with self._signed_in() as server:
            return len(server.send_message(self._message(mail)))

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
    def _signed_in(self) -> Iterator[smtplib.SMTP]:
        settings, hint = self._settings, HINTS[self._settings.security]
        try:
            with self._connected() as server:
                if settings.username:
                    server.login(settings.username, settings.password)
                yield server
        except UnicodeEncodeError:
            what = "a sign-in at the mail server takes plain letters only"
            raise SourceUnavailable(what, hint="choose a mail.username and mail_password of ASCII letters") from None
        except (OSError, smtplib.SMTPException) as error:
            raise SourceUnavailable(f"the mail server {_why(error)}", hint=hint) from None

    def _connected(self) -> smtplib.SMTP:
        host, port, name = self._settings.host, self._settings.port, socket.gethostname()
        if self._settings.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(host, port, local_hostname=name, timeout=TIMEOUT_S)
        if self._settings.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.recipients)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(mail.text)
        return message


def _why(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return "has a certificate that is not trusted"
        case smtplib.SMTPAuthenticationError():
            return "refuses mail.username or its password"
        case smtplib.SMTPRecipientsRefused():
            return "refuses every address of mail.to"
        case smtplib.SMTPSenderRefused():
            return "refuses mail.from"
        case smtplib.SMTPNotSupportedError():
            return "offers no encryption or no sign-in"
        case smtplib.SMTPResponseException():
            return f"answered {error.smtp_code}"
        case _:
            return f"did not answer ({type(error).__name__})"

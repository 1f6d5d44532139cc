"""A real mail server on this machine, and what it does with what it is given."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller

HERE = "127.0.0.1"


class MailServer(Controller):
    """A server on whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


class Mailbox:
    """What a mail server does with what it is given. refuses: addresses that it does not take; puts_off: not yet."""

    def __init__(self, *refuses: str, puts_off: tuple[str, ...] = ()) -> None:
        self.refuses = refuses
        self.puts_off = puts_off
        self.got: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_MAIL(  # noqa: N802 - the server calls it so
        self, _server, _session, envelope, address, _options
    ):
        if address in self.refuses:
            return f"550 not from {address}"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, _server, _session, envelope, address, _options
    ):
        if address in self.refuses:
            return f"550 no such user {address}"
        if address in self.puts_off:
            return "450 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, _server, _session, envelope
    ):
        self.got.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"

"""A real mail server on this machine, and what it does with what it is given."""

from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import MappingProxyType
from typing import Any

from aiosmtpd.controller import Controller

HERE = "127.0.0.1"


class MailServer(Controller):
    """A server on whatever port is free. It has a minute to come up, where its library gives it five seconds."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, ready_timeout=60, **named)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


class Mailbox:
    """What a mail server does with what it is given. refuses: addresses that it does not take; puts_off: not yet.

    says: what it says after a command, instead of what it does; None: it hangs up. A mail is taken whatever it says
    of it.
    """

    def __init__(
        self,
        *refuses: str,
        puts_off: tuple[str, ...] = (),
        says: Mapping[str, str | None] = MappingProxyType({}),
    ) -> None:
        self.refuses = refuses
        self.puts_off = puts_off
        self.says = says
        self.got: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_MAIL(  # noqa: N802 - the server calls it so
        self, server, _session, envelope, address, _options
    ):
        if address in self.refuses:
            return f"550 not from {address}"
        envelope.mail_from = address
        return self._said("MAIL", server)

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server, _session, envelope, address, _options
    ):
        if address in self.refuses:
            return f"550 no such user {address}"
        if address in self.puts_off:
            return "450 come again"
        envelope.rcpt_tos.append(address)
        return self._said("RCPT", server)

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, server, _session, envelope
    ):
        self.got.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return self._said("DATA", server)

    async def handle_QUIT(  # noqa: N802 - the server calls it so
        self, server, _session, _envelope
    ):
        return self._said("QUIT", server, "221 Bye")

    def _said(self, command, server, otherwise="250 OK"):
        said = self.says.get(command, otherwise)
        if said is None:
            server.transport.close()
        return said or otherwise

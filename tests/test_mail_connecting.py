"""Reaching a mail server: however it keeps us waiting, the digest's thread is free again."""

import itertools
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from d2l_sync import mail as mail_module
from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.mail import Handed, Mail
from d2l_sync.domain.settings import MailSettings
from d2l_sync.mail import SmtpMailer
from tests.mail_server import HERE, Mailbox, MailServer

MAIL = Mail("d2l-sync: 2 approvals", "This waits for a person.\n")
STEP_S = 20


def settings(port, security="none"):
    return MailSettings(
        host=HERE, port=port, security=security, sender="badges@example.edu", recipients=("staff@example.edu",)
    )


def answer_with(monkeypatch, *addresses):
    """Let the mail server's name have these addresses, in their order; an address has itself."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 25)) for one in addresses]
    answers = itertools.chain([found], itertools.repeat(None))
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *more, **named: next(answers) or look_up(host, port, *more, **named)
    )


class Dialling:
    """Stands in for connecting: notes what was tried, and how long for; nobody is there."""

    def __init__(self):
        self.patience = []

    def __call__(self, _address, timeout):
        self.patience.append(timeout)
        raise TimeoutError


def test_many_addresses_of_which_none_answers_are_given_up_together(monkeypatch):
    """Each is waited for as long as for one alone: a name with fifty would hold the digest for a quarter of an hour."""
    answer_with(monkeypatch, *[f"192.0.2.{number}" for number in range(1, 51)])
    dialling = Dialling()
    ticks = itertools.chain([0], itertools.count(0, STEP_S))
    monkeypatch.setattr(socket, "create_connection", dialling)
    monkeypatch.setattr(mail_module, "monotonic", lambda: next(ticks))

    with pytest.raises(SourceUnavailable, match="no answer in time"):
        SmtpMailer(settings(25)).send(MAIL)

    assert dialling.patience == [20, 20, 20]


def test_the_next_address_is_tried_where_one_refuses(monkeypatch):
    mailbox = Mailbox()
    server = MailServer(mailbox, hostname=HERE, port=0)
    server.start()
    try:
        answer_with(monkeypatch, "127.0.0.2", HERE)
        handed = SmtpMailer(settings(server.port)).send(MAIL)
    finally:
        server.stop()

    assert (handed, len(mailbox.got)) == (Handed(), 1)


class SetByHand:
    """A timer that ends when it is told to."""

    def __init__(self, _after_s, end):
        self.end = end

    def start(self):
        assert callable(self.end)

    def cancel(self):
        self.end = None


def test_a_server_that_never_ends_its_tls_greeting_is_given_up(monkeypatch):
    """While TLS greets, the mail library has no socket yet that could be closed."""
    timers = []

    def timer(*given):
        timers.append(SetByHand(*given))
        return timers[-1]

    monkeypatch.setattr(mail_module, "Timer", timer)
    monkeypatch.setattr(mail_module, "TIMEOUT_S", 3600)  # one that sends a byte now and then is never silent
    with socket.create_server((HERE, 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(_never_greets, listener, timers)
        with pytest.raises(SourceUnavailable, match="did not answer"):
            SmtpMailer(settings(listener.getsockname()[1], "tls")).send(MAIL)

    assert [one.end for one in timers] == [None]


def _never_greets(listener, timers):
    """Take the beginning of a TLS connection, answer nothing, and let the time be over."""
    client, _ = listener.accept()
    with client, suppress(OSError):
        client.recv(1)
        timers[0].end()
        select.select([client], [], [])
        while client.recv(4096):
            pass

"""What holds for every test: nothing leaves this machine, and examples may take their time."""

import ipaddress
import os
import re
import socket

import pytest
from hypothesis import HealthCheck, settings

from tests.workers import Shares, number

# No deadline, and no complaint about slow examples: a slow or busy build machine is not a defect. All else as
# Hypothesis has it, which means fixed examples and no database wherever $CI is set.
settings.register_profile("house", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

AS_FOUND = dict(os.environ)
"""The environment in which somebody runs the tests, for what reaches a package index by it."""

SAID_TO_US = re.compile(
    r"""(?ix) D2L_SYNC_.* | .*_proxy
    | (STATE|CREDENTIALS|RUNTIME|CONFIGURATION|LOGS|CACHE)_DIRECTORY | NOTIFY_SOCKET | WATCHDOG_.* | JOURNAL_STREAM
    | INVOCATION_ID | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE | SSL_CERT_(FILE|DIR) | NETRC
    | COLUMNS | LINES | NO_COLOR | (CLICOLOR_)?FORCE(_COLOR)? | PYTHON(WARNINGS|DEVMODE|VERBOSE|INSPECT)"""
)
"""What the program, or a library of it, goes by: its own names, those of systemd, of proxies, of who is trusted."""


def pytest_xdist_auto_num_workers():
    return number()


def pytest_xdist_make_scheduler(config, log):
    return Shares(config, log)


def is_here(host: str | bytes | None) -> bool:
    """Say whether a host is this machine, without asking anybody for a name."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_unless_here(host):
    # pytest's own failure is no Exception: neither an `except` in the product nor a retry
    # takes it for an ordinary outage.
    if not is_here(host):
        pytest.fail(f"this test tried to reach {host!r}; tests speak to loopback only")


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_said_to_the_program():
    """Take what this machine's environment says to the program from all tests, and from whatever they start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(SAID_TO_US.fullmatch, AS_FOUND):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_leaves_this_machine():
    """Refuse names to look up and addresses to connect to, unless they are loopback.

    Holds in this process; a program that a test starts is held by what it is configured to call.
    """
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked(method):
        def call(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                _refuse_unless_here(address[0])
            return method(self, address)

        return call

    def looked_up(host, *args, **kwargs):
        _refuse_unless_here(host)
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked(connect))
        patch.setattr(socket.socket, "connect_ex", checked(connect_ex))
        patch.setattr(socket, "getaddrinfo", looked_up)
        yield

"""Why no answer came: read off the exceptions, told without anything that they quote.

The messages of requests and urllib3 name whole addresses, with a recipient in the query or a proxy's password in them.
So only codes are read, and the one name that is told is that of the host.
"""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

BROKEN = "the connection failed or broke off"
TRUSTED = "$REQUESTS_CA_BUNDLE or $SSL_CERT_FILE"
ADDRESS = "the address that is configured"
CLOCK = "see whether this machine's clock is right: timedatectl status"
# OpenSSL's numbers, from x509_vfy.h.
CERTIFICATE = {
    9: ("it is not valid yet", CLOCK),
    10: ("it has expired", f"whoever runs it must renew it; first {CLOCK}"),
    23: ("it was revoked", "whoever runs it must replace it"),
    62: ("it is for another name", f"check {ADDRESS}, and whether a proxy stands between"),
    64: ("it is for another name", f"check {ADDRESS}: certificates mostly name no numbers"),
}
UNKNOWN_SIGNER = (
    "nobody whom this machine trusts has signed it",
    f"where an authority of your own signs, or a proxy reads along: {TRUSTED} names the file with its certificate",
)
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})
OLD_TLS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"})
NO_BUNDLE = frozenset({"NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "BAD_BASE64_DECODE", "BAD_END_LINE"})
NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})")
PROXY_HINT = "check HTTPS_PROXY and NO_PROXY, and the proxy"
PROXY_FORM = "HTTPS_PROXY must look like http://proxy.example.edu:3128"


@dataclass(frozen=True, slots=True)
class Why:
    """Half a sentence about what happened, and what helps; "" where waiting does."""

    what: str
    hint: str = ""


def why_unanswered(error: BaseException, url: str = "", *, called: str = "") -> Why:
    """Say why a request to an address failed, from what was raised and what lies beneath it.

    url: left out where no proxy can stand between. called: what to say instead of the address's host.
    """
    beneath = list(_beneath(error))
    if any(isinstance(one, urllib3.exceptions.ProxySchemeUnknown | requests.exceptions.InvalidURL) for one in beneath):
        return Why("the proxy's address can't be used", PROXY_FORM)
    if any(isinstance(one, requests.exceptions.ProxyError) for one in beneath):
        return _of_proxy(beneath)
    why = _of_host(beneath, called or urlsplit(url).hostname or "")
    return why if why.hint or not _goes_by_proxy(url) else Why(why.what, f"a proxy stands between: {PROXY_HINT}")


def _goes_by_proxy(url: str) -> bool:
    return bool(select_proxy(url, get_environ_proxies(url)))


def _of_proxy(beneath: list[BaseException]) -> Why:
    found = next((match for one in beneath if (match := TUNNEL.search(str(one)))), None)
    if found is None:
        why = _of_host(beneath, "the proxy")
        return Why(why.what if "proxy" in why.what else f"by way of the proxy, {why.what}", why.hint or PROXY_HINT)
    if int(found[1]) == requests.codes.proxy_authentication_required:
        return Why("the proxy wants another user or password (407)", "they stand in HTTPS_PROXY, before the host")
    return Why(f"the proxy answered {found[1]}", PROXY_HINT)


def _of_host(beneath: list[BaseException], host: str) -> Why:
    for one in beneath:
        match one:
            case ssl.SSLCertVerificationError():
                what, hint = CERTIFICATE.get(one.verify_code, UNKNOWN_SIGNER)
                return Why(f"the certificate of {host} is not trusted: {what}", hint)
            case ssl.SSLError():
                return _of_tls(one, host)
            case socket.gaierror():
                return _of_name(one, host)
            case ConnectionRefusedError():
                return Why(f"{host} refuses the connection", f"check {ADDRESS}; else it is down")
            case OSError(errno=number) if number in NO_WAY:
                return Why(f"there is no way to {host}", "see this machine's network: ip route, and its firewall")
    return _of_time(beneath)


def _of_tls(error: ssl.SSLError, host: str) -> Why:
    reason = getattr(error, "reason", None) or ""  # one without a code has none
    if reason in NO_BUNDLE:
        return Why("the file of trusted certificates can't be used", f"see {TRUSTED}")
    if reason in NO_TLS:
        return Why(f"{host} speaks no TLS at this port", f"check scheme and port of {ADDRESS}")
    if reason in OLD_TLS:
        return Why(f"{host} speaks no TLS that is new enough (1.2)", "whoever runs it must renew it")
    return Why(f"{host} broke off while the connection was being secured (TLS)")


def _of_name(error: socket.gaierror, host: str) -> Why:
    look = f"see whether this machine's name service knows it: getent hosts {host}"
    if error.errno == socket.EAI_AGAIN:
        return Why(f"the name {host} could not be looked up", f"the name service does not answer; {look}")
    return Why(f"the name {host} is not known", f"check {ADDRESS}; {look}")


def _of_time(beneath: list[BaseException]) -> Why:
    if any(isinstance(one, requests.exceptions.ConnectTimeout) for one in beneath):
        return Why("no connection in time")
    if any(isinstance(one, requests.Timeout | urllib3.exceptions.ReadTimeoutError | TimeoutError) for one in beneath):
        return Why("no answer in time")
    if isinstance(beneath[0], OSError) and not isinstance(beneath[0], requests.RequestException):
        # What requests raises for a bundle that is not there is no error of its own.
        return Why(BROKEN, f"see {TRUSTED}" if "CA certificate bundle" in str(beneath[0]) else "")
    return Why(BROKEN)


def _beneath(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and whatever it wraps, each once, from the outside in."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, getattr(one, "reason", None), getattr(one, "original_error", None), one.__cause__]
        waiting += [each for each in [*inner, one.__context__] if isinstance(each, BaseException)]

"""The usual variables of the environment that say whom to trust and by which proxy to go; neither is in our files."""

import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from d2l_sync.configuration.forms import is_host
from d2l_sync.domain.errors import Fault

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
BUNDLE_INSTEAD = "a file of certificates in PEM form, or unset"
PROXY_INSTEAD = "http://proxy.example.edu:3128, with user:password@ before the host where it wants them"


def network_faults(environ: Mapping[str, str]) -> Iterable[Fault]:
    """Yield what can't work, without a proxy's value: a password may stand in it."""
    for name in BUNDLES:
        if (value := environ.get(name)) and (what := _why_no_bundle(Path(value))):
            yield Fault(f"${name}", f"{value} {what}", BUNDLE_INSTEAD)
    for name in PROXIES:
        if (value := environ.get(name)) and (what := _why_no_proxy(value)):
            yield Fault(f"${name}", what, PROXY_INSTEAD)


def _why_no_bundle(path: Path) -> str:
    """Say what is wrong. A folder of certificates is as good, and what is in it is nobody's to judge."""
    if path.is_dir():
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "holds no certificates that can be read"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def _why_no_proxy(value: str) -> str:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address of a proxy"
    if parts.scheme.startswith("socks"):
        return "names a SOCKS proxy, which this program can't use"
    if parts.scheme not in {"http", "https"} or not host or not is_host(host) or re.search(r"\s", value):
        return "is no address of a proxy"
    return ""

"""The service's health over HTTP: for load balancers, monitoring and people with a browser."""

import ipaddress
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

PLAIN = "text/plain; charset=utf-8"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
FRONT = """d2l-sync

/healthz   200 while the service turns, else 503
/readyz    200 while it can do its work, else 503 and what a person must do
/metrics   figures for Prometheus
"""


def health_app(
    *,
    silent: Callable[[], Sequence[str]],
    not_ready: Callable[[], str | None],
    metrics: Callable[[], bytes],
    host: str,
) -> Flask:
    """Answer from these: which threads hang, what keeps the service from its work, and its figures.

    host: what the service is configured to listen on; besides it only addresses and localhost are answered to, so that
    no page of another site can read through a name of its own that leads here.
    """
    app = Flask("d2l_sync", static_folder=None)

    @app.before_request
    def check_host() -> None:
        if request.path != "/metrics" and not is_ours(request.host, host):
            abort(403)

    @app.get("/")
    def front() -> Response:
        return Response(FRONT, content_type=PLAIN)

    @app.get("/healthz")
    def healthz() -> Response:
        hanging = silent()
        return _answer(f"hanging: {', '.join(hanging)}" if hanging else None)

    @app.get("/readyz")
    def readyz() -> Response:
        return _answer(not_ready())

    @app.get("/metrics")
    def figures() -> Response:
        return Response(metrics(), content_type=METRICS)

    return app


def is_ours(given: str, configured: str) -> bool:
    """Tell whether a Host header names this service by its configured name, by localhost or by an address."""
    try:
        name = urlsplit(f"//{given}").hostname or ""
        return name in {"localhost", configured.strip("[]").lower()} or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _answer(fault: str | None) -> Response:
    return Response(f"{fault or 'ok'}\n", status=503 if fault else 200, content_type=PLAIN)

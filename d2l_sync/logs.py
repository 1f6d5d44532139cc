"""Logs: structlog on standard error, JSON lines for machines and readable lines for people, always redacted."""

import logging
import os
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

EMAIL = re.compile(r"[^\s@<>\"'=]+(?:@|%40)[^\s@<>\"'&]+\.[A-Za-z]{2,}")
BEARER = re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+")
HIDDEN_KEYS = re.compile(r"(?i)authorization|token|secret|password|passwd|cookie|address|email|display_?name")
LEAST_SECRET = 6
# These print addresses in query strings, and tokens, at debug level; no setting of ours may let them.
TALKATIVE = ("urllib3", "requests", "oauthlib", "requests_oauthlib", "apscheduler", "alembic", "sqlalchemy")


class Redactor:
    """Replaces secrets in use, bearer tokens and mail addresses in every value of a log line, tracebacks included."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = {one for one in secrets if len(one) >= LEAST_SECRET}

    def learn(self, secret: str) -> None:
        """Hide one more value from now on."""
        if len(secret) >= LEAST_SECRET:
            self._secrets.add(secret)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[hidden]")
        return EMAIL.sub("[address]", BEARER.sub(r"\1[hidden]", text))

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if HIDDEN_KEYS.search(key):
                event[key] = "[hidden]"
            elif not isinstance(value, (int, float, bool, type(None))):
                event[key] = self.text(str(value))
        return event


def set_up_logs(*, log_format: str, level: str, secrets: Iterable[str] = ()) -> Redactor:
    """Send structlog and the libraries' logging through one redactor to standard error.

    log_format: auto is JSON under systemd and elsewhere without a terminal, readable on a terminal.
    """
    redactor = Redactor(secrets)
    is_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redactor,
    ]
    render: Any = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=_colours())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    return redactor


def _colours() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")

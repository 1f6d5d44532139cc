"""Logs: structlog on standard error, JSON lines for machines and readable lines for people, always redacted.

What is printed is kept in memory besides, until `KEPT.take` is asked for it: the lines of `d2l-sync log`.
"""

import json
import logging
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, TextIO

import structlog

from d2l_sync.domain.log_line import LEVELS, LogLine

EMAIL = re.compile(r"[^\s@<>\"'=]+(?:@|%40)[^\s@<>\"'&]+\.[A-Za-z]{2,}")
CREDENTIAL = re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]+")
HIDDEN_KEYS = re.compile(r"(?i)authorization|token|secret|password|passwd|cookie|address|email|display_?name")
LEAST_SECRET = 6
# These print addresses in query strings, and tokens, at debug level; no setting of ours may let them.
TALKATIVE = ("urllib3", "requests", "oauthlib", "requests_oauthlib", "apscheduler", "alembic", "sqlalchemy")
# What journald takes off the beginning of a line again: sd-daemon(3).
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
LINES_IN_MEMORY = 20_000
LARGEST_NUMBER = 2**63
NOT_KEPT = "log_not_kept"
FIRST = ("timestamp", "level", "event", "pass_id")
"""What every JSON line begins with; the pass is null where there is none."""

Event = MutableMapping[str, Any]


class Redactor:
    """Replaces secrets in use, credentials and mail addresses in every value of a log line, tracebacks included."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = {one for one in secrets if len(one) >= LEAST_SECRET}

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[hidden]")
        return EMAIL.sub("[address]", CREDENTIAL.sub(r"\1\2[hidden]", text))

    def value(self, value: object) -> object:
        """Redact a value of any shape; what is neither a number nor a list or mapping becomes a text."""
        if isinstance(value, int | float | bool | type(None)):
            return value
        if isinstance(value, Mapping):
            return {str(key): "[hidden]" if HIDDEN_KEYS.search(str(key)) else self.value(value[key]) for key in value}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(one) for one in value]
        return self.text(str(value))

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        for key, value in event.items():
            if key.startswith("_"):  # structlog's own
                continue
            event[key] = "[hidden]" if HIDDEN_KEYS.search(key) else self.value(value)
        return event


class Kept:
    """Redacted lines until somebody stores them; the oldest are given up when nobody does. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=LINES_IN_MEMORY)

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        if event["event"] != NOT_KEPT:
            line = _line_of(event)
            with self._lock:
                self._lines.append(line)
        return event

    def take(self) -> list[LogLine]:
        """Hand over every line since the last time, each to one taker."""
        with self._lock:
            taken = list(self._lines)
            self._lines.clear()
        return taken


KEPT = Kept()


def set_up_logs(*, log_format: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send structlog and the libraries' logging through one redactor to standard error, or to a stream.

    log_format: auto is JSON under systemd and elsewhere without a terminal, readable on a terminal. Lines from `info`
    up are kept also where fewer are printed.
    """
    wanted = logging.getLevelNamesMapping()[level.upper()]
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redactor(secrets),
        KEPT,
        _without_names,
    ]
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setLevel(wanted)
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[meta, _renderer(log_format, target)])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(min(wanted, logging.INFO))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("waitress").setLevel(logging.CRITICAL)  # tells of callers' mistakes, in words of its own
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _renderer(log_format: str, stream: TextIO) -> Callable[[object, str, Event], str]:
    is_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    made = structlog.processors.JSONRenderer() if is_json else _for_people(stream)

    def rendered(logger: object, method: str, event: Event) -> str:
        ordered = dict.fromkeys(FIRST) | dict(event) if is_json else event
        text = str(made(logger, method, ordered))
        return priority_of(str(event.get("level")), stream) + text

    return rendered


def priority_of(level: str, stream: TextIO) -> str:
    """Return what systemd's journal takes off the front of a line again; nothing for any other stream."""
    return f"<{PRIORITIES.get(level, 6)}>" if goes_to_journal(stream, os.environ) else ""


def _for_people(stream: TextIO) -> structlog.dev.ConsoleRenderer:
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)


def goes_to_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream is systemd's journal: $JOURNAL_STREAM names its device and inode, see systemd.exec(5)."""
    try:
        stat = os.fstat(stream.fileno())
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def _without_names(_logger: object, _method: str, event: Event) -> Event:
    """Keep what administrators call themselves and their teams in the database: it is not for a journal."""
    event.pop("team", None)
    if "by" in event:
        event["by"] = str(event["by"]).partition(" (")[0]
    return event


def _line_of(event: Mapping[str, Any]) -> LogLine:
    shown = ("timestamp", "level", "event", "pass_id", "user_id")
    rest = {key: value for key, value in event.items() if key not in shown and not key.startswith("_")}
    return LogLine(
        datetime.fromisoformat(event["timestamp"]),
        event["level"] if event["level"] in LEVELS else LEVELS[-1],
        event["event"],
        pass_id=_number(event.get("pass_id")),
        user_id=_number(event.get("user_id")),
        details=json.dumps(rest, default=str),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < LARGEST_NUMBER else None

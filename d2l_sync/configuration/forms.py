"""Texts with a form: durations, times of day, addresses, versions. Each is parsed, or says what is wrong."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Generic, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

T_co = TypeVar("T_co", covariant=True)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Form(Generic[T_co]):
    """parse: text to value, ValueError saying what is wrong; instead: what would be right."""

    parse: Callable[[str], T_co]
    instead: str


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no duration")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length > _LONGEST:
        raise ValueError(f"{text!r} is longer than a year")
    return length


def _positive_duration(text: str) -> timedelta:
    length = _duration(text)
    if not length:
        raise ValueError(f"{text!r} is no time at all")
    return length


def _time_of_day(text: str) -> time:
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", text)
    if match is None:
        raise ValueError(f"{text!r} is no time of day")
    return time(int(match[1]), int(match[2]))


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        close = get_close_matches(text, available_timezones(), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"{text!r} is no time zone{hint}") from None


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]+\.[0-9]+", text):
        raise ValueError(f"{text!r} is no version")
    return text


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_host(text: str) -> bool:
    """Tell whether a text can be looked up as a name: no part of it is empty, or longer than 63 letters."""
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return True


def _split(text: str) -> SplitResult:
    """Check what all addresses share. Never quotes the text: a password may stand in it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no web address") from None
    if not host or re.search(r"\s", text) or not is_host(host):
        raise ValueError("is no web address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a user name or a password in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError(f"begins with {parts.scheme}:// but does not stay on this machine")
    return parts


def _page(text: str) -> str:
    _split(text)
    return text


def _base(text: str) -> str:
    parts = _split(text)
    if parts.query or parts.fragment or parts.path.startswith("/d2l"):
        raise ValueError("is the address of a page")
    return text.rstrip("/")


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or re.search(r"\s", host):
        raise ValueError(f"{text!r} is no address to listen on")
    if int(port) > _LARGEST_PORT:
        raise ValueError(f"{port} is no port")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise ValueError(f"{text!r} is no address to listen on")
    return text


_DURATION_FORM = 'a whole number and s, m, h or d, such as "15m"'
_URL_FORM = "https:// and a host; http:// only for this machine"

DURATION = Form(_duration, _DURATION_FORM)
POSITIVE_DURATION = Form(_positive_duration, _DURATION_FORM)
TIME_OF_DAY = Form(_time_of_day, 'hours and minutes, such as "02:30"')
TIMEZONE = Form(_timezone, 'a name of the time zone database, such as "America/New_York"')
VERSION = Form(_version, 'two numbers with a point, such as "1.49"')
PAGE = Form(_page, _URL_FORM)
BASE_URL = Form(_base, f"{_URL_FORM}, without a page behind it")
LISTEN = Form(_listen, 'host:port, such as "127.0.0.1:8460"; port 0 to 65535')

"""Requests and responses as values, apart from sockets."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import parse_qs, urlencode

Block = dict[str, object]
"""One JSON object on its way out."""

Headers = tuple[tuple[str, str], ...]
Delivery = Literal["whole", "half", "nothing", "reset"]
"""How a response leaves: complete; cut in its body; the connection closed, or reset, without a byte."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are lower case; `origin` is the server's own http://host:port."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    origin: str

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter; names are matched exactly."""
        return self.query.get(name, [None])[0]

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query, doseq=True)}" if self.query else self.path

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self) -> dict[str, str]:
        """Read a form-encoded body; of a repeated field the first counts."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def json(self) -> object:
        """Read a JSON body. Raises ValueError when it is none."""
        return json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)

    def bearer(self) -> str | None:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" and token.strip() else None

    def basic(self) -> tuple[str, str] | None:
        """Return id and secret of HTTP Basic, or None."""
        kind, _, packed = self.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            name, _, secret = base64.b64decode(packed).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return name, secret


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: Headers = field(default=())
    delivery: Delivery = "whole"

    def with_headers(self, *added: tuple[str, str]) -> "Response":
        return dataclasses.replace(self, headers=(*self.headers, *added))

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> object:
        return json.loads(self.body)


def json_response(status: int, value: object, media_type: str = "application/json; charset=utf-8") -> Response:
    return Response(status, to_json(value), (("Content-Type", media_type),))


def text_response(status: int, text: str, media_type: str = "text/plain") -> Response:
    return Response(status, text.encode(), (("Content-Type", media_type),))


def html_page(status: int, title: str, text: str = "") -> Response:
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    )
    return text_response(status, page, "text/html; charset=utf-8")


def to_json(value: object) -> bytes:
    """Write JSON: times as ISO 8601, decimals as numbers, frozen values as objects, sets sorted."""
    return json.dumps(value, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def number(value: Decimal) -> int | float:
    """Give a decimal the spelling it was made with: 10 stays 10, and 10.0 stays 10.0."""
    exponent = value.as_tuple().exponent
    whole = isinstance(exponent, int) and exponent >= 0
    return int(value) if whole else float(value)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")

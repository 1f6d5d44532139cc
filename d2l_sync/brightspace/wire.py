"""Reading an answer off the wire: bounded in size and time, and JSON or an error, never "empty"."""

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

import requests
import urllib3

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.session import is_bloated
from d2l_sync.unanswered import why_unanswered

TIMEOUTS = (5.0, 30.0)
"""Seconds to connect, and between two pieces of an answer."""
NO_ANSWER = 0
"""The status of a call that nobody answered, for those who count calls."""
DEADLINE_S = 60.0
LARGEST = 32 * 2**20
PIECE = 2**16

Json = Any
"""What JSON holds, its decimals as Decimal. Goes no further than `parse`."""


def body_of(response: requests.Response, *, deadline: float) -> bytes:
    """Read a streamed answer's decompressed body.

    deadline: on the monotonic clock; a server that drips a byte now and then is cut off there.
    Raises SourceUnavailable when it is truncated, too large, too slow or wrongly compressed.
    """
    body = bytearray()
    try:
        for piece in _pieces(response):
            body += piece
            if len(body) > LARGEST:
                raise SourceUnavailable("the answer is larger than 32 MiB")
            if time.monotonic() > deadline:
                raise SourceUnavailable("the answer took too long")
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise SourceUnavailable("the answer broke off") from error
    return bytes(body)


def _pieces(response: requests.Response) -> Iterator[bytes]:
    # One receive at a time: a full read waits for a full buffer, however slowly it comes.
    while piece := response.raw.read1(PIECE, decode_content=True):
        yield piece


def json_of(body: bytes) -> Json:
    """Parse a body whatever its content type says. Raises SourceUnavailable for what is no JSON, or too much of it."""
    if is_bloated(body):
        raise SourceUnavailable("the answer holds too many values")
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError, ArithmeticError) as error:
        # Without its cause, which holds the body.
        raise SourceUnavailable(f"the answer is no JSON ({type(error).__name__})") from None


def _object(members: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(members)
    if len(made) < len(members):
        raise ValueError("a member that is there twice")  # whichever of the two was meant
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def no_answer(whose: str, error: Exception, url: str) -> SourceUnavailable:
    """Make the error that says why no answer came, without the address that requests puts into its messages."""
    why = why_unanswered(error, url)
    return SourceUnavailable(f"{whose} did not answer: {why.what}", hint=why.hint)

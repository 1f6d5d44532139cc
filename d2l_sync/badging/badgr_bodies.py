"""Badgr's JSON: our values from its answers, its request bodies from our values; the only place with its spelling."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeGuard

from d2l_sync.domain.award import Assertion
from d2l_sync.domain.ids import Address, AssertionId, BadgeClassId, address_of
from d2l_sync.domain.ports import Order
from d2l_sync.session import is_bloated

DUPLICATE = "previous award"
ALREADY_REVOKED = "already revoked"
REASON_LENGTH = 255
WHY_LENGTH = 200
COMPLAINTS = 3
DEPTH = 6
SHORTEST_NAME = 3

BEYOND_BMP = re.compile(r"[\U00010000-\U0010ffff\ud800-\udfff]")
UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
REPLACEMENT = "\ufffd"
LONGEST_TEXT = 1024
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
ADDRESS_LIKE = re.compile(r"\S+@\S+")
FIELD_NAME = re.compile(r"\w{1,40}", re.ASCII)


class BrokenBody(ValueError):
    """A body that is not what the API promises, whatever its status."""


def parsed(body: bytes) -> object:
    """Read JSON, or raise BrokenBody; it may be HTML, empty, nested without end, or say one thing twice."""
    if is_bloated(body):
        raise BrokenBody("more values than we read")
    try:
        value: object = json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise BrokenBody("not JSON") from None
    return value


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(members)
    if len(made) < len(members):
        raise ValueError("a member that is there twice")
    return made


def json_object(body: bytes) -> Mapping[str, object]:
    """Return the JSON object of a body, empty where there is none."""
    try:
        value = parsed(body)
    except BrokenBody:
        return {}
    return value if isinstance(value, dict) else {}


def results(body: bytes) -> Sequence[object]:
    """Return what the envelope holds: always a list, even of one thing. Raise BrokenBody for anything else.

    A body that is no envelope must not be taken for an empty list: nobody would hold anything.
    """
    envelope = parsed(body)
    status = envelope.get("status") if isinstance(envelope, dict) else None
    result = envelope.get("result") if isinstance(envelope, dict) else None
    if not isinstance(status, dict) or status.get("success") is not True or not isinstance(result, list):
        raise BrokenBody("not the envelope of a success")
    return result


def the_one(body: bytes) -> Mapping[str, object]:
    """Return the single object in an envelope, or raise BrokenBody."""
    match results(body):
        case [dict(item)]:
            return item
    raise BrokenBody("not exactly one object")


def assertion_from(item: object, *, asked: Address | None = None) -> Assertion:
    """Read one assertion, or raise BrokenBody.

    asked: the address looked for; where the platform shows nothing but a hash, it is recognised by that.
    Source: observed of Badgr 3.15; `plaintextIdentity` is shown to the issuer's staff, hashed or not.
    """
    if not isinstance(item, dict):
        raise BrokenBody("an assertion that is no object")
    is_revoked = item.get("revoked")
    if not isinstance(is_revoked, bool):
        raise BrokenBody("an assertion that does not say whether it is revoked")
    url = item.get("openBadgeId")
    return Assertion(
        assertion_id=AssertionId(_text(item, "entityId")),
        badge_class=BadgeClassId(_text(item, "badgeclass")),
        address=_address(item.get("recipient"), asked),
        url=url if _is_plain(url) else None,
        is_revoked=is_revoked,
        issued_at=_moment(item.get("issuedOn")),
        created_at=_moment(item.get("createdAt")),
    )


def _text(item: Mapping[str, object], key: str) -> str:
    value = item.get(key)
    if not _is_plain(value):
        raise BrokenBody(f"an assertion without {key}")
    return value


def _is_plain(value: object) -> TypeGuard[str]:
    """Tell whether this is what an id or an address on the web looks like, so that it may be stored and shown."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isascii() and value.isprintable()


def _address(recipient: object, asked: Address | None) -> Address | None:
    if not isinstance(recipient, dict):
        raise BrokenBody("an assertion without a recipient")
    plain, identity = recipient.get("plaintextIdentity"), recipient.get("identity")
    if isinstance(plain, str) and plain:
        return address_of(_writable(plain))
    if not isinstance(identity, str):
        return None
    if recipient.get("hashed") is False:
        return address_of(_writable(identity))
    salted = f"{asked or ''}{recipient.get('salt') or ''}".encode(errors="replace")
    return address_of(asked) if identity == f"sha256${sha256(salted).hexdigest()}" else None


def _writable(text: str) -> str:
    """Replace what no address holds and no database stores; what comes of it is nobody's address."""
    return UNWRITABLE.sub(REPLACEMENT, text.strip())[:LONGEST_TEXT]


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenBody("an assertion with a date that is none") from None


def award_body(order: Order) -> bytes:
    """Write the body of an award. `badgeclass` stands in the path; repeating it is refused.

    issuedOn: whole seconds, UTC. The narrative is left out when empty ("" is refused).
    """
    body: dict[str, object] = {
        "recipient": {"identity": order.address, "type": "email", "hashed": True},
        "issuedOn": order.issued_on.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "allowDuplicateAwards": False,
        "notify": order.notify,
    }
    if narrative := acceptable(order.narrative).replace("![", "!\\[").strip():
        body["narrative"] = narrative
    if order.evidence_url:
        body["evidence"] = [{"url": order.evidence_url}]
    return json.dumps(body).encode()


def revocation_body(reason: str) -> bytes:
    """Write the body of a revocation.

    Beyond 255 characters the server fails and loses the image; without a reason it refuses.
    """
    return json.dumps({"revocation_reason": acceptable(reason).strip()[:REASON_LENGTH] or "Revoked"}).encode()


def acceptable(text: str) -> str:
    """Replace what the server can't store: outside the basic plane it fails with 500, NUL it refuses."""
    return BEYOND_BMP.sub(REPLACEMENT, text.replace("\0", ""))


def says(body: bytes, words: str) -> bool:
    """Say whether a refusal holds these words, in any case and any of the places where texts are seen."""
    return words in body.decode("utf-8", "replace").lower()


def complaint(body: bytes, *, about: Address) -> str:
    """Tell briefly what the platform refused: fields and first messages, without the address or anything quoted."""
    refusal = json_object(body)
    found = []
    for key in ("fieldErrors", "validationErrors", "nonFieldErrors"):
        found += [_line(path, message) for path, message in _messages(refusal.get(key), ())]
    if not found and isinstance(status := refusal.get("status"), dict):
        found = [str(status.get("description") or "")]
    return _without(about, "; ".join(found[:COMPLAINTS]))[:WHY_LENGTH]


def _messages(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    # fieldErrors is an object, nested objects and lists, a list, or a plain string.
    if len(path) > DEPTH:
        return
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _messages(inner, (*path, key))
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield from [(path, one) for one in value[:1]]
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _messages(inner, (*path, str(position)))


def _line(path: tuple[str, ...], message: str) -> str:
    named = ".".join(one for one in path if FIELD_NAME.fullmatch(one) and one != "non_field_errors")
    return f"{named}: {message}" if named else message


def _without(address: Address, text: str) -> str:
    kept = ADDRESS_LIKE.sub("…", QUOTED.sub("…", UNWRITABLE.sub(" ", text)))
    parts = [one for one in re.split(r"[\W_]+", address.partition("@")[0]) if len(one) >= SHORTEST_NAME]
    for part in sorted(parts, key=len, reverse=True):
        kept = re.sub(re.escape(part), "…", kept, flags=re.IGNORECASE)
    return " ".join(kept.split())

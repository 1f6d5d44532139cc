"""Reading the body of an award, with the platform's own complaints about it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from d2l_sync.sandbox.badgr.assertions import Evidence
from d2l_sync.sandbox.web import Block

REQUIRED = "This field is required."
NULL = "This field may not be null."
BLANK = "This field may not be blank."
KINDS = ("email", "openBadgeId", "telephone", "url")
CLASS_NAMES = ("badgeclass", "badgeclassOpenBadgeId", "badgeclassName")
URL_LIMIT = 1024
FIRST_GREGORIAN_YEAR = 1583

EMAIL = re.compile(
    r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*@(localhost|([^\s@.]+\.)+[^\s@.]{2,})",
    re.IGNORECASE,
)
WEB = re.compile(r"(https?|ftps?)://([\w-]+\.)+[\w-]+(:\d+)?([/?#]\S*)?", re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?")
MOMENT_FORMAT = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
MARKUP = re.compile(r"<[^>]*>")


class Invalid(Exception):
    """The body does not pass: what is wrong by field, or as a whole."""

    def __init__(self, fields: Block | None = None, *, whole: list[str] | None = None) -> None:
        super().__init__("bad request")
        self.fields = fields or {}
        self.whole = whole or []


@dataclass(frozen=True, slots=True)
class Award:
    """An award as asked for. identity: as it was sent, trimmed; what is stored is lower-cased."""

    identity: str
    kind: str = "email"
    hashed: bool = True
    issued_on: datetime | None = None
    expires: datetime | None = None
    narrative: str | None = None
    evidence: tuple[Evidence, ...] = ()
    allow_duplicates: bool = True
    notify: bool = False

    @property
    def stored_identity(self) -> str:
        return self.identity.lower()


def read_award(body: object, *, now: datetime) -> Award:
    """Read one award. Raises Invalid with every field that is wrong."""
    if not isinstance(body, dict):
        kind = type(body).__name__
        raise Invalid(whole=[f"Invalid data. Expected a dictionary, but got {kind}."])
    if any(name in body for name in CLASS_NAMES):
        raise Invalid(whole=["Multiple badge class identifiers. Exactly one of the following fields must be present."])
    faults = _faults(body, now)
    if faults:
        raise Invalid(faults)
    recipient = body["recipient"]
    kind = recipient.get("type", "email")
    return Award(
        identity=recipient["identity"].strip(),
        kind=kind,
        hashed=bool(recipient.get("hashed", kind in {"email", "telephone"})),
        issued_on=_moment(body["issuedOn"]) if "issuedOn" in body else None,
        expires=_moment(body["expires"]) if body.get("expires") else None,
        narrative=_stripped(body.get("narrative")),
        evidence=_evidence(body.get("evidence", [])),
        allow_duplicates=_truth(body.get("allowDuplicateAwards", True)),
        notify=_truth(body.get("notify", False)),
    )


def _faults(body: Block, now: datetime) -> Block:
    found: Block = {
        "recipient": _recipient_fault(body),
        "issuedOn": _moment_fault(body["issuedOn"], now) if "issuedOn" in body else None,
        "expires": _expiry_fault(body.get("expires")),
        "narrative": _narrative_fault(body.get("narrative")),
        "evidence": _evidence_fault(body["evidence"]) if "evidence" in body else None,
    }
    found |= {name: _truth_fault(body[name]) for name in ("allowDuplicateAwards", "notify") if name in body}
    return {name: fault for name, fault in found.items() if fault}


def _recipient_fault(body: Block) -> object:
    recipient = body.get("recipient")
    if recipient is None:
        return ["This field is required"]
    if not isinstance(recipient, dict):
        kind = type(recipient).__name__
        return {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]}
    if recipient.get("type", "email") not in KINDS:
        return {"type": [f'"{recipient["type"]}" is not a valid choice.']}
    if "identity" not in recipient:
        return {"identity": [REQUIRED]}
    identity = recipient["identity"]
    if identity is None or identity == "":
        return {"identity": [NULL if identity is None else BLANK]}
    is_address = isinstance(identity, str) and EMAIL.fullmatch(identity.strip())
    if recipient.get("type", "email") == "email" and not is_address:
        return {"non_field_errors": ["Enter a valid email address."]}
    return None


def _moment_fault(value: object, now: datetime) -> list[str] | None:
    if value is None:
        return [NULL]
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        return [MOMENT_FORMAT]
    if int(value[:4]) < FIRST_GREGORIAN_YEAR:
        return ["Only issuedOn dates after the introduction of the Gregorian calendar are allowed."]
    return ["Only issuedOn dates in the past are acceptable."] if _moment(value) > now else None


def _expiry_fault(value: object) -> list[str] | None:
    is_moment = isinstance(value, str) and MOMENT.fullmatch(value)
    return None if value is None or is_moment else [MOMENT_FORMAT]


def _narrative_fault(value: object) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, str):
        return ["Not a valid string."]
    if not value.strip():
        return [BLANK]
    if "![" in value:
        return ["Images not supported in markdown"]
    return ["Null characters are not allowed."] if "\0" in value else None


def _evidence_fault(value: object) -> object:
    if value is None:
        return [NULL]
    if not isinstance(value, list):
        return {"non_field_errors": [f'Expected a list of items but got type "{type(value).__name__}".']}
    faults = [_item_fault(item) for item in value]
    return faults if any(faults) else None


def _item_fault(item: object) -> Block:
    if not isinstance(item, dict):
        return {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(item).__name__}."]}
    narrative = _narrative_fault(item.get("narrative"))
    if narrative:
        return {"narrative": narrative}
    if "url" not in item:
        return {} if item.get("narrative") else {"non_field_errors": ["Either url or narrative is required"]}
    url = item["url"]
    if url is None or url == "":
        return {"url": [NULL if url is None else BLANK]}
    if len(str(url)) > URL_LIMIT:
        return {"url": [f"Ensure this field has no more than {URL_LIMIT} characters."]}
    return {} if WEB.fullmatch(str(url)) else {"url": ["Enter a valid URL."]}


def _truth_fault(value: object) -> list[str] | None:
    if value is None:
        return [NULL]
    return None if str(value).lower() in {"true", "false", "1", "0"} else ["Must be a valid boolean."]


def _truth(value: object) -> bool:
    return str(value).lower() in {"true", "1"}


def _moment(text: str) -> datetime:
    """Read a time; nanoseconds are cut, and one without a zone is UTC."""
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.replace(" ", "T"))
    read = datetime.fromisoformat(cut)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _stripped(text: str | None) -> str | None:
    return None if text is None else MARKUP.sub("", text).strip()


def _evidence(items: list[dict[str, str]]) -> tuple[Evidence, ...]:
    """Read evidence items; identical ones become one."""
    return tuple(dict.fromkeys(Evidence(each.get("url"), _stripped(each.get("narrative"))) for each in items))

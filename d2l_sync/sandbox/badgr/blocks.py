"""How the platform writes what it keeps, for the API and for the public."""

from datetime import UTC, datetime

from d2l_sync.sandbox.badgr.assertions import Assertion, BadgeClass, Evidence, Issuer
from d2l_sync.sandbox.web import Block

CREATED = "2026-06-01T09:00:00.123456Z"
STAFF = "IuzcsRPITRW0ZbqGYxYZ6w"


def assertion_block(assertion: Assertion, origin: str) -> Block:
    """Write an assertion as the v2 API does, with the plain address beside the hash."""
    badge_class, recipient = assertion.badge_class, assertion.recipient
    image = f"{origin}/media/uploads/badges/assertion-{assertion.entity_id}.png"
    identity: Block = {
        "entityType": "Assertion",
        "entityId": assertion.entity_id,
        "openBadgeId": f"{origin}/public/assertions/{assertion.entity_id}",
        "createdAt": _zulu(assertion.created_at),
        "createdBy": STAFF,
        "badgeclass": badge_class.entity_id,
        "badgeclassOpenBadgeId": f"{origin}/public/badges/{badge_class.entity_id}",
        "issuer": badge_class.issuer_id,
        "issuerOpenBadgeId": f"{origin}/public/issuers/{badge_class.issuer_id}",
    }
    content: Block = {
        "image": None if assertion.is_revoked else image,
        "recipient": recipient.block | {"plaintextIdentity": recipient.identity},
        "issuedOn": _zulu(assertion.issued_on),
        "narrative": assertion.narrative,
        "evidence": [{"url": each.url, "narrative": each.narrative} for each in assertion.evidence],
        "revoked": assertion.is_revoked,
        "revocationReason": assertion.revocation_reason,
        "acceptance": "Unaccepted",
        "expires": None if assertion.expires is None else _zulu(assertion.expires),
        "extensions": {},
    }
    return identity | content


def badge_class_block(badge_class: BadgeClass, origin: str) -> Block:
    identity: Block = {
        "entityType": "BadgeClass",
        "entityId": badge_class.entity_id,
        "openBadgeId": f"{origin}/public/badges/{badge_class.entity_id}",
        "createdAt": CREATED,
        "createdBy": STAFF,
        "issuer": badge_class.issuer_id,
        "issuerOpenBadgeId": f"{origin}/public/issuers/{badge_class.issuer_id}",
    }
    content: Block = {
        "name": badge_class.name,
        "image": f"{origin}/media/uploads/badges/{badge_class.entity_id}.png",
        "description": f"Earned on the way: {badge_class.name}",
        "criteriaUrl": None,
        "criteriaNarrative": "See the programme's page.",
        "alignments": [],
        "tags": [],
        "expires": {"amount": None, "duration": None},
        "extensions": {},
    }
    return identity | content


def issuer_block(issuer: Issuer, origin: str) -> Block:
    return {
        "entityType": "Issuer",
        "entityId": issuer.entity_id,
        "openBadgeId": f"{origin}/public/issuers/{issuer.entity_id}",
        "createdAt": CREATED,
        "createdBy": STAFF,
        "name": issuer.name,
        "image": None,
        "email": "badges@example.edu",
        "description": "A pretended issuer",
        "url": "https://badges.example.edu/",
        "staff": [],
        "extensions": {},
    }


def public_assertion(assertion: Assertion, origin: str) -> Block:
    """Write Open Badges 2.0 JSON: no plain address, and next to nothing once revoked."""
    identity = f"{origin}/public/assertions/{assertion.entity_id}"
    block: Block = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": identity}
    if assertion.is_revoked:
        return block | {"revoked": True, "revocationReason": assertion.revocation_reason}
    block |= {
        "badge": f"{origin}/public/badges/{assertion.badge_class.entity_id}",
        "image": f"{identity}/image",
        "verification": {"type": "HostedBadge"},
        "issuedOn": assertion.issued_on.astimezone(UTC).isoformat(),
        "recipient": assertion.recipient.block,
    }
    if assertion.evidence:
        block["evidence"] = [_public_evidence(each) for each in assertion.evidence]
    if assertion.narrative:
        block["narrative"] = assertion.narrative
    if assertion.expires:
        block["expires"] = assertion.expires.astimezone(UTC).isoformat()
    return block


def _public_evidence(evidence: Evidence) -> Block:
    written: Block = {"type": "Evidence", "id": evidence.url, "narrative": evidence.narrative}
    return {name: value for name, value in written.items() if value is not None}


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")

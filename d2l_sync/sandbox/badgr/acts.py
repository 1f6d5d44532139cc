"""The acts of the v2 API that change something: awarding and revoking."""

from d2l_sync.sandbox.badgr.assertions import BadgeClass
from d2l_sync.sandbox.badgr.blocks import assertion_block
from d2l_sync.sandbox.badgr.envelope import bad_request, crash, miscellaneous, not_yours, success
from d2l_sync.sandbox.badgr.platform import MailFailed, NotAwarded, Platform
from d2l_sync.sandbox.badgr.validation import Award, Invalid, read_award
from d2l_sync.sandbox.web import Block, Request, Response

LONGEST_IDENTITY = 768
LONGEST_REASON = 255
LAST_OF_THE_BASIC_PLANE = 0xFFFF


def award(request: Request, platform: Platform, badge_class: BadgeClass) -> Response:
    """Award a badge: 201, or 400 in one of its forms, or 500 before or even after storing."""
    if request.media_type != "application/json":
        return miscellaneous(request, 415, f'Unsupported media type "{request.media_type}" in request.')
    try:
        body = request.json()
    except ValueError as error:
        return bad_request(request, whole=[f"JSON parse error - {error}"])
    try:
        asked = read_award(body, now=platform.clock.now())
        if _breaks_the_database(asked):
            return crash()
        made = platform.award(asked, badge_class)
    except Invalid as invalid:
        return bad_request(request, fields=invalid.fields, whole=invalid.whole)
    except NotAwarded as refused:
        return bad_request(request, whole=[str(refused)])
    except MailFailed:
        return crash()
    return success(request, [assertion_block(made, platform.origin)], status=201)


def revoke(request: Request, platform: Platform, entity_id: str) -> Response:
    """Revoke one assertion, by DELETE with a body."""
    reason = _reason(request)
    if not reason:
        return bad_request(request, fields={"revocation_reason": "This field is required"})
    assertion = platform.find(entity_id)
    if assertion is None:
        return not_yours(request)
    if assertion.is_revoked:
        return bad_request(request, whole=["Assertion is already revoked"])
    if len(reason) > LONGEST_REASON:
        return crash()
    revoked = platform.change(entity_id, revocation_reason=reason)
    return success(request, [assertion_block(revoked, platform.origin)])


def revoke_many(request: Request, platform: Platform) -> Response:
    """Revoke a list: always 200, each item telling for itself."""
    try:
        asked = request.json()
    except ValueError as error:
        return bad_request(request, whole=[f"JSON parse error - {error}"])
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        return bad_request(request, whole=["Invalid data. Expected a list."])
    return success(request, [_revoked(platform, each) for each in asked], description="revoked badges")


def _revoked(platform: Platform, asked: Block) -> Block:
    entity_id, reason = str(asked.get("entityId")), asked.get("revocationReason")
    answer: Block = {"revoked": False, "entityId": entity_id}
    if not reason:
        return answer | {"reason": "revocationReason is required"}
    answer["revocationReason"] = reason
    assertion = platform.find(entity_id)
    if assertion is None:
        return answer | {"reason": "permission denied or object not found"}
    if assertion.is_revoked:
        return answer | {"reason": "Assertion is already revoked"}
    platform.change(entity_id, revocation_reason=str(reason))
    return answer | {"revoked": True}


def _reason(request: Request) -> str:
    try:
        body = request.json()
    except ValueError:
        return ""
    return str(body.get("revocation_reason") or "") if isinstance(body, dict) else ""


def _breaks_the_database(award: Award) -> bool:
    """Say whether storing would fail: characters outside the basic plane, or too long an address."""
    texts = [award.narrative or "", *(each.narrative or "" for each in award.evidence)]
    is_too_wide = any(ord(character) > LAST_OF_THE_BASIC_PLANE for text in texts for character in text)
    return is_too_wide or len(award.identity) > LONGEST_IDENTITY

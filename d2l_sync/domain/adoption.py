"""Comparing the ledger with what the platform holds: what is adopted, revoked there, missing, doubled or strange."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from d2l_sync.domain.award import ON_ITS_WAY, Assertion, Award, Pair, State
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, AssertionId, PersonId, address_of
from d2l_sync.domain.ledger import Change, Ledger
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.people import Contact

REVOKED_THERE = "revoked on the platform"
"""The reason on an award that somebody revoked there; one revoked here has the person's own reason."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one or more badge classes showed.

    changes: awards found on the platform. adopted: how many of them no request of ours had asked for; the others,
    sent once and found to be there, are `confirmed`. revoked: pairs for which only revoked ones are there.
    """

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    adopted: int = 0
    confirmed: int = 0
    revoked: Mapping[Pair, Assertion] = field(default_factory=dict)


class Owners:
    """Who an address belongs to: its holders of now, everybody who got an award there, else who had it last."""

    def __init__(self, contacts: Mapping[PersonId, Contact], awards: Iterable[Award]) -> None:
        self._now: dict[Address, set[PersonId]] = {}
        self._last: dict[Address, set[PersonId]] = {}
        for person_id, contact in contacts.items():
            for address in contact.known:
                self._now.setdefault(address, set()).add(person_id)
            if contact.address is not None:
                self._last.setdefault(contact.address, set()).add(person_id)
        for award in awards:
            if award.state is State.ISSUED and award.address is not None:
                self._now.setdefault(award.address, set()).add(award.person_id)
            for address in award.sent_to:
                self._now.setdefault(address, set()).add(award.person_id)

    def of(self, address: Address | None) -> set[PersonId]:
        if address is None:
            return set()
        return self._now.get(address) or self._last.get(address) or set()


def age(assertion: Assertion) -> tuple[datetime, datetime, AssertionId]:
    """Return what puts assertions in order: when each was made and, of those made at once, how it is dated."""
    dated_at = assertion.issued_at or LONG_AGO
    return assertion.created_at or dated_at, dated_at, assertion.assertion_id


def oldest(assertions: Iterable[Assertion]) -> Assertion:
    """Return the one that was made first."""
    return min(assertions, key=age)


def compare(
    badge: Badge, assertions: Iterable[Assertion], ledger: Ledger, owners: Owners, *, known: frozenset[AssertionId]
) -> Comparison:
    """Compare one badge class's complete, believed list with the ledger.

    known: assertion ids of older epochs, which no longer count. One that two rows are tied to, as when an account is
    excluded no longer, belongs to both, and a person is told.
    """
    rows = {pair.person_id: award for pair, award in ledger.items() if pair.badge_class == badge.badge_class}
    tied = _tied(rows.values())
    by_person: dict[PersonId, list[Assertion]] = {}
    findings: list[Finding] = []
    for assertion in assertions:
        if assertion.assertion_id in known and assertion.assertion_id not in tied:
            continue
        own = _rightful(tied.get(assertion.assertion_id, set()), assertion, rows)
        holders = own or owners.of(assertion.address)
        for person_id in own or (holders if len(holders) == 1 else ()):
            by_person.setdefault(person_id, []).append(assertion)
        if len(holders) != 1 and not assertion.is_revoked:
            findings.append(_strange(badge, assertion, holders))
    parts = [
        _compare_person(badge, Pair(person_id, badge.badge_class), rows.get(person_id), by_person.get(person_id, []))
        for person_id in sorted(rows.keys() | by_person.keys())
    ]
    return joined([Comparison(findings=tuple(findings)), *parts])


def _tied(awards: Iterable[Award]) -> dict[AssertionId, set[PersonId]]:
    """Return whose awards stand for each assertion."""
    tied: dict[AssertionId, set[PersonId]] = {}
    for award in awards:
        if award.assertion_id:
            tied.setdefault(award.assertion_id, set()).add(award.person_id)
    return tied


def _rightful(tied: set[PersonId], assertion: Assertion, rows: Mapping[PersonId, Award]) -> set[PersonId]:
    """Return whose an assertion is that rows are tied to: of several, theirs to whose address it went."""
    if len(tied) == 1:
        return tied
    return {one for one in tied if rows[one].address == assertion.address} or tied


def joined(parts: Iterable[Comparison]) -> Comparison:
    """Put several comparisons together."""
    all_parts = list(parts)
    revoked: dict[Pair, Assertion] = {}
    for part in all_parts:
        revoked.update(part.revoked)
    return Comparison(
        changes=tuple(change for part in all_parts for change in part.changes),
        findings=tuple(finding for part in all_parts for finding in part.findings),
        adopted=sum(part.adopted for part in all_parts),
        confirmed=sum(part.confirmed for part in all_parts),
        revoked=revoked,
    )


def _strange(badge: Badge, assertion: Assertion, holders: set[PersonId]) -> Finding:
    kind = "shared_address" if holders else "unknown_recipient"
    who = f"users {', '.join(map(str, sorted(holders)))}" if holders else "nobody on our classlists"
    return Finding(
        kind,
        f"{badge.name}: the platform holds assertion {assertion.assertion_id} at an address of {who}",
        pathway=badge.pathway,
        badge=badge.key,
        address=assertion.address,
        assertion_id=assertion.assertion_id,
    )


def _compare_person(badge: Badge, pair: Pair, award: Award | None, there: list[Assertion]) -> Comparison:
    there = [one for one in there if award is None or not award.passes_over(one)]
    live = [one for one in there if not one.is_revoked]
    findings = [_doubled(badge, pair, award, live)] if len(live) > 1 else []
    if award is not None and award.state is State.ISSUED:
        return _compare_issued(badge, award, there, findings)
    if live:
        return _take_over(badge, pair, award, assertion=oldest(live), findings=findings)
    revoked = [one for one in there if one.is_revoked]
    if not revoked:
        return Comparison(findings=tuple(findings))
    if award is None or award.state is State.REVOKED or award.state in ON_ITS_WAY or award.is_in_doubt:
        return Comparison(findings=tuple(findings), revoked={pair: oldest(revoked)})
    return _revoked(badge, award, oldest(revoked))


def _doubled(badge: Badge, pair: Pair, award: Award | None, live: list[Assertion]) -> Finding:
    """Name all of them, the oldest first, and the first that is one too many."""
    ids = [one.assertion_id for one in sorted(live, key=age)]
    own = award.assertion_id if award is not None and award.assertion_id in ids else ids[0]
    found = _about(badge, pair, "doubled", f"{len(ids)} live assertions for one person: {', '.join(ids)}")
    return replace(found, assertion_id=next(one for one in ids if one != own))


def _compare_issued(badge: Badge, award: Award, there: list[Assertion], findings: list[Finding]) -> Comparison:
    own = next((one for one in there if one.assertion_id == award.assertion_id), None)
    live = [one for one in there if not one.is_revoked]
    if own is not None and not own.is_revoked:
        return Comparison(findings=(*findings, *_other_recipient(badge, award, own)))
    if live:
        other = oldest(live)
        after = replace(award, assertion_id=other.assertion_id, assertion_url=other.url)
        return Comparison((Change(award, after, "tied to the live assertion on the platform"),), tuple(findings))
    if own is not None:
        return _revoked(badge, award, own)
    missing = _about(badge, award.pair, "missing_there", "issued, but not in the platform's complete list")
    return Comparison(findings=(*findings, replace(missing, assertion_id=award.assertion_id)))


def _other_recipient(badge: Badge, award: Award, own: Assertion) -> list[Finding]:
    if own.address is None or award.address is None or own.address == address_of(award.address):
        return []
    what = "the assertion stands at another address on the platform than the one it went to"
    moved = _about(badge, award.pair, "other_recipient", what)
    return [replace(moved, address=own.address, assertion_id=own.assertion_id)]


def _revoked(badge: Badge, award: Award, assertion: Assertion) -> Comparison:
    finding = _about(badge, award.pair, "revoked_there", "was revoked on the platform; release it to award it again")
    finding = replace(finding, assertion_id=assertion.assertion_id)
    return Comparison((Change(award, as_revoked(award, assertion), REVOKED_THERE),), (finding,))


def _take_over(
    badge: Badge, pair: Pair, award: Award | None, *, assertion: Assertion, findings: list[Finding]
) -> Comparison:
    row = award or Award(pair.person_id, pair.badge_class, badge.pathway, badge.key, State.EARNED)
    after = as_issued(row, assertion)
    is_ours = award is not None and award.may_be_there
    why = "found on the platform after its answer was lost" if is_ours else "adopted from the platform"
    return Comparison((Change(award, after, why),), tuple(findings), adopted=int(not is_ours), confirmed=int(is_ours))


def as_revoked(award: Award, assertion: Assertion) -> Award:
    """Tie an award to the revoked assertion that is all the platform holds of it."""
    return replace(
        award,
        state=State.REVOKED,
        held_by=None,
        held_in=None,
        reason=REVOKED_THERE,
        assertion_id=assertion.assertion_id,
        assertion_url=assertion.url,
        retry_at=None,
        backoff_s=0,
    )


def as_issued(award: Award, assertion: Assertion) -> Award:
    """Tie an award to the assertion that stands for it on the platform."""
    return replace(
        award,
        state=State.ISSUED,
        held_by=None,
        held_in=None,
        reason=None,
        address=assertion.address or award.address,
        assertion_id=assertion.assertion_id,
        assertion_url=assertion.url,
        issued_on=award.issued_on or assertion.issued_at,
        issued_at=assertion.created_at or assertion.issued_at,
        retry_at=None,
        backoff_s=0,
    )


def _about(badge: Badge, pair: Pair, kind: str, what: str) -> Finding:
    return Finding(
        kind, f"{badge.name}: {what}", pathway=badge.pathway, badge=badge.key, user_id=PersonId(pair.person_id)
    )

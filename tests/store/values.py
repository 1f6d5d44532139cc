"""The values that the store's tests speak about; whatever a test does not name is filled in here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.facts import GradeValue, HandIn, Item, Listing, Source, SourceKind
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, BadgeClassId, BadgeKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.people import Classlist, ClasslistEntry
from d2l_sync.domain.ports import PassRecord
from d2l_sync.domain.verdict import Truth, Verdict

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)
LATER_STILL = LATER + timedelta(minutes=15)

ADA, GRACE, ALAN = UserId(301), UserId(302), UserId(303)
ADAS = Address("ada@example.edu")
UNIT = OrgUnitId(6606)
PATHWAY = PathwayKey("teaching")
BADGE = BadgeKey("level-1")
BADGE_CLASS = BadgeClassId("bc-1")
ESSAY = Source(SourceKind.FOLDER, UNIT, 11)
FINAL = Source(SourceKind.FINAL_GRADE, UNIT)


def person(user_id):
    return PersonId(int(user_id))


def make_award(user_id=ADA, **fields):
    plain = Award(person(user_id), BADGE_CLASS, PATHWAY, BADGE, State.DUE, address=ADAS, earned_at=NOON)
    return replace(plain, **fields)


def make_classlist(*user_ids, org_unit_id=UNIT, read_at=NOON):
    entries = {user_id: make_entry(user_id) for user_id in user_ids}
    return Classlist(org_unit_id, read_at, entries)


def make_entry(user_id, **fields):
    plain = ClasslistEntry(user_id, is_learner=True, address=Address(f"{user_id}@example.edu"))
    return replace(plain, **fields)


def make_listing(facts, source=ESSAY, read_at=NOON, **fields):
    return Listing(source, read_at, Item("Essay"), facts=facts, rows=len(facts), **fields)


def hand_in(count=1):
    return HandIn(count, NOON)


def mark(points):
    return GradeValue(Decimal(points), Decimal(20), NOON)


def make_judgement(user_id=ADA, truth=Truth.MET, because="has 18 of 20 (90 %)"):
    badge = Badge(BADGE, "Level 1", BADGE_CLASS, PATHWAY, rule_version="v1")
    verdict = Verdict(truth, because, key="essay", name="Essay", read_at=NOON)
    return Judgement(person(user_id), badge, truth, (verdict,), NOON if truth is Truth.MET else None)


def make_finding(what="gone", **fields):
    return Finding("vanished", what, org_unit_id=UNIT, user_id=person(ADA), **fields)


def a_pass(store, at=NOON, **fields):
    """Record a whole pass in one go and return what `record` answered."""
    pass_id = store.open_pass(at=at, scope="everything")
    return store.record(pass_id, PassRecord(at, **fields))


def add(store, *awards):
    """Put awards into the ledger as they are."""
    for award in awards:
        assert store.change(Change(None, award, "made for a test"), at=NOON, pass_id=None)

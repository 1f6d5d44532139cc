"""Values for tests: each builder takes what the test speaks about and fills in the rest.

Ada, Grace and Alan are learners of org unit 6601 in a pathway whose badge classes are named after their badges.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import Assertion, Award, State
from d2l_sync.domain.criterion import Attested, Combination, Criterion, Submission
from d2l_sync.domain.facts import (
    Failure,
    GradeValue,
    HandIn,
    Item,
    Listing,
    QuizAttempt,
    QuizAttempts,
    Source,
    SourceKind,
)
from d2l_sync.domain.ids import (
    Address,
    AssertionId,
    BadgeClassId,
    BadgeKey,
    CriterionKey,
    GroupCategoryId,
    GroupId,
    OrgUnitId,
    PathwayKey,
    PersonId,
    UserId,
)
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval
from d2l_sync.domain.pathway import Badge, Offering, Pathway
from d2l_sync.domain.people import Classlist, ClasslistEntry, Contact, GroupSet, Person
from d2l_sync.domain.plan import Rules
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.domain.world import Attestation, Team, Teams, World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)
LAST_WEEK = NOON - timedelta(days=7)
TODAY = NOON.date()

ADA, GRACE, ALAN = PersonId(301), PersonId(302), PersonId(303)
UNIT_1, UNIT_2, UNIT_3 = OrgUnitId(6601), OrgUnitId(6602), OrgUnitId(6603)
PATHWAY = PathwayKey("ums-mcd")
LEVEL_1, LEVEL_2, LEVEL_3, MACRO = map(BadgeKey, ["level-1", "level-2", "level-3", "macro"])
ISSUER = "issuer-1"

FOLDER = Source(SourceKind.FOLDER, UNIT_1, 33101)
FOLDER_2 = Source(SourceKind.FOLDER, UNIT_2, 33201)
QUIZ = Source(SourceKind.QUIZ, UNIT_1, 44101)
GRADE = Source(SourceKind.GRADE, UNIT_1, 55101)

USUAL = Address("the person's usual one")


def user_of(person_id):
    """Return the Brightspace user that stands for a person."""
    return UserId(int(person_id))


def mail_of(person_id):
    names = {ADA: "ada", GRACE: "grace", ALAN: "alan"}
    return Address(f"{names.get(PersonId(int(person_id)), f'user{person_id}')}@example.edu")


def badge_class_of(key):
    return BadgeClassId(f"bc-{key}")


# What Brightspace said


def make_hand_in(at=YESTERDAY, *, count=1):
    return HandIn(count, at)


def make_attempts(*scores, at=YESTERDAY):
    """Take each score as one more attempt: None for one that is not marked, an attempt as it is."""
    made = [
        one
        if isinstance(one, QuizAttempt)
        else QuizAttempt(number, number, None if one is None else Decimal(one), at, is_published=one is not None)
        for number, one in enumerate(scores, 1)
    ]
    return QuizAttempts(tuple(made))


def make_grade(points="18", *, at=YESTERDAY):
    """Mark it out of 20; None for no mark."""
    return GradeValue(None if points is None else Decimal(points), Decimal(20), at)


def make_listing(source=FOLDER, facts=None, *, failure=None, vanished=(), read_at=NOON):
    """Take facts by person, and the failure as a sentence."""
    by_user = {user_of(person_id): fact for person_id, fact in (facts or {}).items()}
    why = Failure(failure) if failure else None
    gone = frozenset(user_of(person_id) for person_id in vanished)
    return Listing(source, read_at, Item(), by_user, rows=len(by_user), failure=why, vanished=gone)


def make_entry(person_id=ADA, address=USUAL, *, learner=True, excluded=False, org_defined_id=None):
    mail = mail_of(person_id) if address == USUAL else address
    return ClasslistEntry(user_of(person_id), learner, mail, None, org_defined_id, is_excluded=excluded)


def make_classlist(*entries, org_unit_id=UNIT_1, failure=None, ended=False):
    """Take entries, or persons, who are learners then."""
    made = [one if isinstance(one, ClasslistEntry) else make_entry(one) for one in entries]
    why = Failure(failure) if failure else None
    return Classlist(org_unit_id, NOON, {one.user_id: one for one in made}, why, ended=ended)


def make_groups(*groups, names=None, failure=None):
    """Make a category of groups, numbered from 1, each given as its members."""
    members = {GroupId(number): frozenset(map(user_of, group)) for number, group in enumerate(groups, 1)}
    why = Failure(failure) if failure else None
    return GroupSet(UNIT_1, GroupCategoryId(77), NOON, members, names or {}, why)


def make_person(person_id=ADA, *other_users, **fields):
    return Person(person_id, (user_of(person_id), *map(UserId, other_users)), **fields)


def make_contact(person_id=ADA, address=USUAL, *, blocked=None, known=None):
    mail = mail_of(person_id) if address == USUAL else address
    held = known if known is not None else ({mail} if mail else set())
    return Contact(person_id, mail, blocked, frozenset(held))


def make_contacts(*people):
    return {person_id: make_contact(person_id) for person_id in people or (ADA, GRACE, ALAN)}


# What administrators said


def make_team(*members, name="Lovelace", confirmed_on=TODAY):
    """Confirm every member on that day, or nobody on None."""
    return Team(name, dict.fromkeys(members, confirmed_on))


def make_roster_row(team="Lovelace", person_id=None, **fields):
    return RosterRow(team, user_id=None if person_id is None else user_of(person_id), **fields)


def make_attestation(person_id=ADA, value="", *, team=None, badge=LEVEL_1, criterion="showcase", at=YESTERDAY):
    """Attest it for the person, or for a team instead."""
    return Attestation(PATHWAY, badge, CriterionKey(criterion), None if team else person_id, team, value, "hopper", at)


def make_approval(person_id=ADA, key=LEVEL_1, *, approved=True, at=YESTERDAY, reason=""):
    return Approval(person_id, PATHWAY, BadgeKey(key), is_approved=approved, by="hopper", at=at, reason=reason)


# The rules, and what they are judged on


def make_world(*listings, learners=(ADA,), classlists=(), teams=(), unread_teams=None, people=(), attestations=()):
    """Make what was read; each org unit among the listings lists the learners, unless a classlist is given for it."""
    units = {UNIT_1} | {listing.source.org_unit_id for listing in listings}
    lists = {unit: make_classlist(*learners, org_unit_id=unit) for unit in units}
    return World(
        TODAY,
        {person.person_id: person for person in people},
        lists | {one.org_unit_id: one for one in classlists},
        {listing.source: listing for listing in listings},
        Teams(tuple(teams), unread_teams),
        tuple(attestations),
    )


def make_criterion(*sources, rule=None, key="reflection", kind="submission", by_team=False, required=True):
    """Name it after its key; without a rule, it is a hand-in in the folder."""
    name, places = key.capitalize(), sources or (FOLDER,)
    return Criterion(CriterionKey(key), name, kind, rule or Submission(), places, by_team=by_team, is_required=required)


def make_attested(*options, key="showcase", badge=LEVEL_1, **fields):
    return Attested(CriterionKey(key), key.capitalize(), badge, PATHWAY, options, **fields)


def make_combination(*parts, count=1, key="some", **fields):
    return Combination(CriterionKey(key), key.capitalize(), "at_least", count, parts, **fields)


def make_badge(key=LEVEL_1, *criteria, unit=None, **fields):
    """Name the badge class after the badge; unit is its only offering."""
    name = str(key).replace("-", " ").capitalize()
    plain = {"offerings": (Offering(unit),) if unit else (), "rule_version": "v1"}
    return Badge(BadgeKey(key), name, badge_class_of(key), PATHWAY, criteria=criteria, **(plain | fields))


def make_pathway(*badges, **fields):
    return Pathway(PATHWAY, "UMS Micro-Credential Development", badges, **fields)


# What was decided


def make_verdict(truth=Truth.MET, *, key="reflection", because="so it is", **fields):
    return Verdict(truth, because, key=key, name=key.capitalize(), **fields)


def make_judgement(truth=Truth.MET, person_id=ADA, badge=None, *, earned_at=YESTERDAY, vanished=False):
    """Rest it on one verdict of the same truth."""
    dated_at = earned_at if truth is Truth.MET else None
    verdict = make_verdict(truth, is_vanished=vanished, dated_at=dated_at)
    return Judgement(person_id, badge or make_badge(), truth, (verdict,), dated_at)


def make_award(person_id=ADA, key=LEVEL_1, *, state=State.DUE, **fields):
    """Leave out address, dates and assertion unless they are given."""
    return Award(person_id, badge_class_of(key), PATHWAY, BadgeKey(key), state, **fields)


def make_issued(person_id=ADA, key=LEVEL_1, **fields):
    """Make an award that was earned, sent and taken as assertion a-1."""
    told = {
        "state": State.ISSUED,
        "address": mail_of(person_id),
        "sent_to": (mail_of(person_id),),
        "assertion_id": AssertionId("a-1"),
        "assertion_url": "https://badges.example.org/a-1",
        "earned_at": YESTERDAY,
        "issued_on": YESTERDAY,
        "issued_at": NOON,
        "attempts": 1,
    }
    return make_award(person_id, key, **(told | fields))


def make_assertion(assertion_id="a-1", person_id=ADA, key=LEVEL_1, *, address=USUAL, revoked=False, created=NOON):
    """Date it yesterday; it is at the person's usual address unless another is given."""
    mail = mail_of(person_id) if address == USUAL else address
    url = f"https://badges.example.org/{assertion_id}"
    return Assertion(AssertionId(assertion_id), badge_class_of(key), mail, url, revoked, YESTERDAY, created)


def make_enrolment(person_id=ADA, org_unit_id=UNIT_2, key=LEVEL_2, **fields):
    return Enrolment(person_id, org_unit_id, user_of(person_id), PATHWAY, BadgeKey(key), **fields)


def make_rules(*, now=NOON, live=True):
    return Rules(ISSUER, now, is_live=live)

"""A rule in its place: offerings, team-mates, nesting, and people who are not learners there."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from d2l_sync.domain.criterion import Attested, Combination, Criterion, Submission
from d2l_sync.domain.facts import Failure, HandIn, Listing, Source, SourceKind
from d2l_sync.domain.ids import CriterionKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.people import Classlist, ClasslistEntry
from d2l_sync.domain.verdict import Truth, at_least
from d2l_sync.domain.world import Attestation, Team, Teams, World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPRING, AUTUMN = OrgUnitId(11), OrgUnitId(12)
ADA, GRACE = UserId(1), UserId(2)
ADA_PERSON, GRACE_PERSON = PersonId(1), PersonId(2)
IN_SPRING, IN_AUTUMN = Source(SourceKind.FOLDER, SPRING, 5), Source(SourceKind.FOLDER, AUTUMN, 6)
MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
BOTH_LISTED = {SPRING: (ADA, GRACE), AUTUMN: (ADA, GRACE)}
TOGETHER = Teams((Team("Owls", {ADA_PERSON: None, GRACE_PERSON: date(2026, 1, 1)}),))


def make_world(handed_in=(), *, learners=None, unreadable=(), teams=None, attestations=()):
    """handed_in: pairs of source and user."""
    learners = BOTH_LISTED if learners is None else learners
    lists = {
        unit: Classlist(
            unit,
            NOON,
            {user: ClasslistEntry(user, is_learner=True) for user in users},
            Failure("403") if unit in unreadable else None,
        )
        for unit, users in learners.items()
    }
    listings = {
        source: Listing(source, NOON, facts={user: HandIn(1, NOON) for one, user in handed_in if one == source})
        for source in (IN_SPRING, IN_AUTUMN)
    }
    return World(date(2026, 3, 2), {}, lists, listings, teams or Teams(), tuple(attestations))


def make_criterion(*sources, by_team=False, is_required=True, key="draft"):
    return Criterion(
        CriterionKey(key), "Draft", "submission", Submission(), sources, by_team=by_team, is_required=is_required
    )


@pytest.mark.parametrize(
    ("world", "truth"),
    [
        pytest.param(make_world([(IN_SPRING, ADA)]), MET, id="met in one offering"),
        pytest.param(make_world(), UNMET, id="met in none"),
        pytest.param(make_world([(IN_AUTUMN, ADA)], unreadable=[SPRING]), MET, id="met in one, the other unreadable"),
        pytest.param(make_world(unreadable=[SPRING]), UNKNOWN, id="met in none, one unreadable"),
        pytest.param(
            make_world([(IN_SPRING, ADA)], learners={SPRING: (), AUTUMN: (ADA,)}), UNMET, id="no learner where it was"
        ),
        pytest.param(make_world(learners={}), UNKNOWN, id="no classlist at all"),
    ],
)
def test_a_criterion_met_in_one_offering_is_met(world, truth):
    assert make_criterion(IN_SPRING, IN_AUTUMN).judge(ADA_PERSON, world).truth is truth


@pytest.mark.parametrize(
    ("world", "truth"),
    [
        pytest.param(make_world([(IN_SPRING, GRACE)], teams=TOGETHER), MET, id="a team-mate did it"),
        pytest.param(make_world([(IN_SPRING, GRACE)]), UNMET, id="somebody else did it"),
        pytest.param(
            make_world([(IN_SPRING, GRACE)], learners={SPRING: (ADA,)}, teams=TOGETHER), UNMET, id="a mate who left"
        ),
        pytest.param(make_world(teams=Teams(failure="403")), UNKNOWN, id="teams unreadable"),
        pytest.param(
            make_world([(IN_SPRING, ADA)], teams=Teams(failure="403")), MET, id="teams unreadable, met anyway"
        ),
    ],
)
def test_by_team_a_team_mate_who_is_a_learner_there_counts(world, truth):
    assert make_criterion(IN_SPRING, by_team=True).judge(ADA_PERSON, world).truth is truth


def test_members_who_each_do_a_part_of_a_combination_do_not_add_up():
    """One member has to meet the whole of it."""
    parts = (make_criterion(IN_SPRING, key="one"), make_criterion(IN_AUTUMN, key="two"))
    whole = Combination(CriterionKey("all"), "All", "all", 2, parts, by_team=True)

    split = make_world([(IN_SPRING, ADA), (IN_AUTUMN, GRACE)], teams=TOGETHER)
    one_did_all = make_world([(IN_SPRING, GRACE), (IN_AUTUMN, GRACE)], teams=TOGETHER)

    assert whole.judge(ADA_PERSON, split).truth is UNMET
    assert whole.judge(ADA_PERSON, one_did_all).truth is MET


def test_what_is_not_required_never_decides():
    parts = (make_criterion(IN_SPRING, key="one"), make_criterion(IN_AUTUMN, key="two", is_required=False))
    whole = Combination(CriterionKey("all"), "All", "all", 1, parts)

    assert whole.judge(ADA_PERSON, make_world([(IN_SPRING, ADA)])).truth is MET
    assert whole.judge(ADA_PERSON, make_world([(IN_AUTUMN, ADA)])).truth is UNMET


def attested(person_id=None, team=None, value="yes"):
    return Attestation(PathwayKey("p"), "level-2", CriterionKey("met"), person_id, team, value, "hopper", NOON)


@pytest.mark.parametrize(
    ("attestation", "by_team", "truth"),
    [
        pytest.param(attested(ADA_PERSON), False, MET, id="for the learner"),
        pytest.param(attested(team="Owls"), False, MET, id="for the team"),
        pytest.param(attested(team="Bats"), False, UNMET, id="for another team"),
        pytest.param(attested(GRACE_PERSON), False, UNMET, id="for a team-mate only"),
        pytest.param(attested(GRACE_PERSON), True, MET, id="for a team-mate, by team"),
        pytest.param(attested(ADA_PERSON, value="maybe"), False, UNMET, id="another value"),
    ],
)
def test_an_attestation_counts_for_whom_it_was_given(attestation, by_team, truth):
    rule = Attested(CriterionKey("met"), "Met", badge="level-2", pathway="p", options=("yes",), by_team=by_team)

    assert rule.judge(ADA_PERSON, make_world(teams=TOGETHER, attestations=[attestation])).truth is truth


@pytest.mark.parametrize(
    ("attestations", "truth"),
    [
        pytest.param([attested(team="Owls")], UNKNOWN, id="for a team, perhaps the learner's"),
        pytest.param([], UNKNOWN, id="for nobody"),
        pytest.param([attested(ADA_PERSON)], MET, id="for the learner"),
    ],
)
@pytest.mark.parametrize("by_team", [False, True], ids=["for the learner or a team", "for a team-mate as well"])
def test_without_the_teams_nobody_knows_what_is_attested_for_one(attestations, by_team, truth):
    """An award that rests on a team's attestation must not lapse because the groups could not be read once."""
    rule = Attested(CriterionKey("met"), "Met", badge="level-2", pathway="p", options=("yes",), by_team=by_team)

    assert rule.judge(ADA_PERSON, make_world(teams=Teams(failure="403"), attestations=attestations)).truth is truth


def test_without_the_teams_a_learner_who_met_a_whole_combination_has_met_it():
    whole = Combination(CriterionKey("all"), "All", "all", 1, (make_criterion(IN_SPRING),), by_team=True)
    unread = Teams(failure="403")

    assert whole.judge(ADA_PERSON, make_world([(IN_SPRING, ADA)], teams=unread)).truth is MET
    assert whole.judge(ADA_PERSON, make_world([(IN_SPRING, GRACE)], teams=unread)).truth is UNKNOWN


@pytest.mark.parametrize(
    "truths", list(product([MET, UNMET, UNKNOWN], repeat=3)), ids=lambda one: "-".join(t.value for t in one)
)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_at_least_is_unknown_exactly_when_the_unknown_ones_could_turn_it(count, truths):
    unknown_met = sum(one is not UNMET for one in truths) >= count
    unknown_unmet = sum(one is MET for one in truths) >= count

    expected = MET if unknown_unmet else UNKNOWN if unknown_met else UNMET
    assert at_least(count, truths) is expected

"""What `check` finds before a pass does: clocks, roles, addresses; and how grave all of it is together."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.facts import Failure
from d2l_sync.domain.ids import BadgeClassId, GroupCategoryId
from d2l_sync.domain.pathway import TeamSource
from d2l_sync.domain.people import UserRecord
from d2l_sync.services.check import Named, check_everything, check_mail
from d2l_sync.services.check_people import addresses, roles, told_roles
from d2l_sync.services.checked import Checked, gravest
from tests.builders import (
    ADA,
    ALAN,
    FOLDER,
    GRACE,
    LEVEL_1,
    NOON,
    UNIT_1,
    make_badge,
    make_classlist,
    make_criterion,
    make_entry,
    make_groups,
    make_hand_in,
    make_listing,
    make_pathway,
)

ROLES = {109: "Instructor", 110: "Learner", 111: "Guest", 112: "Guest"}


@dataclass
class Tenant:
    """A Brightspace with one classlist. refusal: what asking for roles and user records ends with.

    lacking: the versions it does not have, or what asking for them ends with. failure: of every other read. stranger:
    what asking who we are ends with.
    """

    skew: timedelta | None = timedelta()
    refusal: Exception | None = None
    stranger: Exception | None = None
    asked: list[object] = field(default_factory=list)
    lacking: tuple[Failure, ...] | Exception = ()
    failure: Failure | None = None

    def whoami(self):
        if self.stranger is not None:
            raise self.stranger
        return 900

    def unsupported_versions(self):
        if isinstance(self.lacking, Exception):
            raise self.lacking
        return self.lacking

    def clock_skew(self):
        return self.skew

    def roles(self):
        if self.refusal is not None:
            raise self.refusal
        return ROLES

    def classlist(self, org_unit_id):
        return replace(make_classlist(make_entry(ADA), org_unit_id=org_unit_id), failure=self.failure)

    def listing(self, source):
        return replace(make_listing(source, {ADA: make_hand_in()}), failure=self.failure)

    def groups(self, org_unit_id, category_id):
        return replace(make_groups([ADA], [GRACE]), failure=self.failure)

    def user_record(self, user_id):
        self.asked.append(user_id)
        failure = Failure("user record could not be read: refused (403)") if self.refusal else None
        return UserRecord(user_id, failure=failure)


class Platform:
    def __init__(self, refusal=None):
        self.refusal = refusal

    def check_credentials(self):
        if self.refusal is not None:
            raise self.refusal

    def check_issuer(self):
        return "the university"

    def check_badge_class(self, badge_class: BadgeClassId):
        return f"badge class {badge_class}"


TEAMS = TeamSource(UNIT_1, GroupCategoryId(77))


def findings(tenant, platform=None, *, teams=TEAMS, proof_due=lambda: None, **fields):
    badge = make_badge(LEVEL_1, make_criterion(FOLDER), unit=UNIT_1, **fields)
    pathway = make_pathway(badge, teams=teams)
    named = Named(("Learner",), "Guest")
    found = check_everything(tenant, platform or Platform(), [pathway], named, proof_due=proof_due)
    return {one.subject: one for one in found}


def test_everything_that_a_pass_would_ask_for_is_asked_and_told_in_one_go():
    found = findings(Tenant())

    assert [(one.subject, one.found, one.exit_code) for one in found.values()] == [
        ("Brightspace sign-in", "user 900", 0),
        ("Brightspace client", "its secret or key is taken", 0),
        ("Brightspace versions", "supported", 0),
        ("clock", "within 1 s of Brightspace's", 0),
        ("roles", "Learner", 0),
        ("org unit 6601", "1 learners among 1 people", 0),
        (str(FOLDER), "found, 1 rows", 0),
        ("group category 77 in org unit 6601", "2 groups", 0),
        ("badging sign-in", "the credentials are taken", 0),
        ("badging issuer", "the university", 0),
        ("badge class of ums-mcd/level-1", "badge class bc-level-1", 0),
    ]


def test_for_teams_that_administrators_keep_no_group_is_asked_for():
    assert [subject for subject in findings(Tenant(), teams=TeamSource()) if "group" in subject] == []


@pytest.mark.parametrize("subject", ["org unit 6601", str(FOLDER), "group category 77 in org unit 6601"])
def test_what_can_not_be_read_is_a_fault_with_its_hint(subject):
    found = findings(Tenant(failure=Failure("it is not shown to us", "ask for the scope")))[subject]

    assert found == Checked(subject, "it is not shown to us", "ask for the scope", 69)


@pytest.mark.parametrize(
    ("lacking", "fault"),
    [
        pytest.param(
            (Failure("le 1.99 is not supported", "set brightspace.le_version"),),
            Checked("Brightspace versions", "le 1.99 is not supported", "set brightspace.le_version", 69),
            id="one is too new",
        ),
        pytest.param(
            SourceUnavailable("no answer", hint="try later"),
            Checked("Brightspace versions", "no answer", "try later", 69),
            id="nobody says",
        ),
    ],
)
def test_versions_that_brightspace_does_not_have_are_faults_and_end_no_check(lacking, fault):
    found = findings(Tenant(lacking=lacking))

    assert found["Brightspace versions"] == fault
    assert found["badging sign-in"].exit_code == 0


@pytest.mark.parametrize(("enrols", "told"), [(True, "2 roles are called Guest"), (False, "Learner")])
def test_the_role_to_enrol_as_is_looked_at_only_where_a_badge_enrols(enrols, told):
    assert findings(Tenant(), enrol=enrols)["roles"].found == told


@pytest.mark.parametrize(
    ("skew_s", "found", "code"),
    [
        pytest.param(0, "within 1 s of Brightspace's", 0, id="exact"),
        pytest.param(-60, "within 60 s of Brightspace's", 0, id="a minute ahead"),
        pytest.param(61, "ours is 61 s behind Brightspace's", 69, id="behind"),
        pytest.param(-7200, "ours is 7200 s ahead of Brightspace's", 69, id="ahead"),
        pytest.param(None, "Brightspace does not tell the time", 0, id="untold"),
    ],
)
def test_a_clock_that_would_date_badges_in_the_future_is_a_fault(skew_s, found, code):
    clock = findings(Tenant(None if skew_s is None else timedelta(seconds=skew_s)))["clock"]

    assert (clock.found, clock.exit_code) == (found, code)


def test_a_secret_that_was_not_tried_is_told_as_such_with_when_it_will_be():
    client = findings(Tenant(), proof_due=lambda: NOON)["Brightspace client"]

    told = f"its secret was not tried: it is proved at the next renewal, due {NOON:%Y-%m-%d %H:%M} UTC"
    assert (client.found, client.exit_code) == (told, 0)


def refused():
    raise TokenRefused("the token endpoint does not take our signed assertion")


@pytest.mark.parametrize(
    ("proof_due", "found", "code"),
    [
        pytest.param(lambda: None, "its secret or key is taken", 0, id="taken"),
        pytest.param(refused, "the token endpoint does not take our signed assertion", 77, id="refused"),
    ],
)
def test_a_secret_that_was_tried_is_told_as_taken_or_refused(proof_due, found, code):
    client = findings(Tenant(), proof_due=proof_due)["Brightspace client"]

    assert (client.found, client.exit_code) == (found, code)


def test_of_a_secret_nothing_is_said_where_the_sign_in_is_at_fault_already():
    found = findings(Tenant(stranger=TokenRefused("the token endpoint refuses us (401, invalid_client)")))

    assert found["Brightspace sign-in"].exit_code == 77
    assert "Brightspace client" not in found


@pytest.mark.parametrize(
    ("learner_roles", "enrol_role", "found", "code"),
    [
        pytest.param(("Learner", "109"), None, "Learner, 109", 0, id="by name and by id"),
        pytest.param(("Learner",), "110", "Learner, 110", 0, id="one to enrol as"),
        pytest.param(("Lerner",), None, "no role is called Lerner", 69, id="a name that is none"),
        pytest.param(("7",), None, "no role is called 7", 69, id="an id that is none"),
        pytest.param(("learner",), None, "no role is called learner", 69, id="another spelling"),
        pytest.param(("Learner",), "Student", "no role is called Student", 69, id="none to enrol as"),
        pytest.param(("Learner",), "Guest", "2 roles are called Guest", 69, id="two to enrol as"),
    ],
)
def test_a_configured_role_has_to_exist_once(learner_roles, enrol_role, found, code):
    checked = roles(Tenant(), learner_roles=learner_roles, enrol_role=enrol_role)

    assert (checked.found, checked.exit_code) == (found, code)


def test_a_role_that_is_none_is_told_with_its_key_and_all_there_are():
    hint = roles(Tenant(), learner_roles=("Learner",), enrol_role="Student").hint

    assert hint == (
        "set brightspace.enrol_role to the role's id or exact name; "
        "there are: Instructor (109), Learner (110), Guest (111), Guest (112)"
    )


@pytest.mark.parametrize(
    ("refusal", "enrol_role", "code"),
    [
        pytest.param(SourceRefused("403"), None, 0, id="learners are told another way"),
        pytest.param(SourceRefused("403"), "110", 0, id="an id needs no list"),
        pytest.param(SourceRefused("403"), "Learner", 69, id="a name to enrol as needs it"),
        pytest.param(SourceUnavailable("no answer"), None, 69, id="no answer"),
        pytest.param(TokenRefused("no token"), None, 77, id="no token"),
    ],
)
def test_a_withheld_list_of_roles_is_a_fault_only_where_nothing_else_tells(refusal, enrol_role, code):
    assert roles(Tenant(refusal=refusal), learner_roles=("Learner",), enrol_role=enrol_role).exit_code == code


def test_a_classlist_says_how_many_learners_it_has():
    classlist = make_classlist(make_entry(ADA), make_entry(GRACE, learner=False), make_entry(ALAN, excluded=True))

    assert told_roles(classlist) == "1 learners among 3 people"


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([make_entry(ADA), make_entry(GRACE, learner=None)], "the role of 1 of 2 people is told nowhere"),
        ([make_entry(ADA, learner=False)], "1 people, and none has a role of learner_roles"),
    ],
    ids=["untold", "no learner"],
)
def test_a_classlist_without_roles_is_a_fault(entries, fault):
    with pytest.raises(Exception, match=fault):
        told_roles(make_classlist(*entries))


@pytest.mark.parametrize(("refusal", "code"), [(None, 0), (SourceRefused("403"), 69)], ids=["readable", "refused"])
def test_user_records_have_to_be_readable_where_a_classlist_shows_no_address(refusal, code):
    tenant = Tenant(refusal=refusal)
    classlist = make_classlist(make_entry(ADA), make_entry(GRACE, None), make_entry(ALAN, None))

    found = list(addresses(tenant, [classlist]))

    assert [(one.subject, one.exit_code) for one in found] == [("user records", code)]
    assert len(tenant.asked) == 1


def test_user_records_are_not_asked_for_where_every_address_is_shown():
    assert list(addresses(Tenant(), [make_classlist(make_entry(ADA))])) == []


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 69], 69),
        ([69, 75], 75),
        ([69, 77, 75], 77),
        ([77, 74, 69], 74),
        ([69, 74, 78, 77], 78),
    ],
)
def test_check_ends_with_its_gravest_fault(codes, worst):
    assert gravest(Checked("something", "found", exit_code=code) for code in codes) == worst


@pytest.mark.parametrize(
    ("refusal", "found", "code"),
    [
        pytest.param(None, "the credentials are taken", 0, id="taken"),
        pytest.param(TokenRefused("the platform refuses our credentials"), "the platform refuses", 77, id="refused"),
    ],
)
def test_the_platform_is_asked_whether_it_takes_the_credentials(refusal, found, code):
    checked = findings(Tenant(), Platform(refusal))["badging sign-in"]

    assert checked.found.startswith(found)
    assert checked.exit_code == code


class Post:
    """A mail server. answer: how many recipients it refuses, or why it takes nothing at all."""

    def __init__(self, answer):
        self.answer = answer

    def send(self, mail):
        raise AssertionError("a check sends no mail")

    def prove(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "found", "code"),
    [
        pytest.param(0, "would take a mail from us; see the one of now: d2l-sync report --mail", 0, id="all"),
        pytest.param(1, "refuses 1 of the addresses of mail.to", 69, id="not for all"),
        pytest.param(
            SourceUnavailable("the mail server did not answer"), "the mail server did not answer", 69, id="none"
        ),
    ],
)
def test_a_mail_server_is_tried_without_a_mail(answer, found, code):
    checked = check_mail(Post(answer))

    assert (checked.subject, checked.found, checked.exit_code) == ("mail server", found, code)

"""What `check` finds before a pass does: clocks, roles, addresses; and how grave all of it is together."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.facts import Failure
from d2l_sync.domain.ids import BadgeClassId
from d2l_sync.domain.people import UserRecord
from d2l_sync.services.check import Named, check_everything
from d2l_sync.services.check_people import addresses, roles, told_roles
from d2l_sync.services.checked import Checked, gravest
from tests.builders import ADA, ALAN, GRACE, LEVEL_1, UNIT_1, make_badge, make_classlist, make_entry, make_pathway

ROLES = {109: "Instructor", 110: "Learner", 111: "Guest", 112: "Guest"}


@dataclass
class Tenant:
    """A Brightspace with one classlist. refusal: what asking for roles and user records ends with."""

    skew: timedelta | None = timedelta()
    refusal: Exception | None = None
    asked: list[object] = field(default_factory=list)

    def whoami(self):
        return 900

    def unsupported_versions(self):
        return ()

    def clock_skew(self):
        return self.skew

    def roles(self):
        if self.refusal is not None:
            raise self.refusal
        return ROLES

    def classlist(self, org_unit_id):
        return make_classlist(make_entry(ADA), org_unit_id=org_unit_id)

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


def findings(tenant, platform=None):
    pathway = make_pathway(make_badge(LEVEL_1, unit=UNIT_1))
    found = check_everything(tenant, platform or Platform(), [pathway], Named(("Learner",), "Learner"))
    return {one.subject: one for one in found}


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

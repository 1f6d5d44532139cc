"""Giving access: a role is read before anything is asked for, and no request for one is ever repeated."""

import json
from dataclasses import replace

import pytest

from d2l_sync.brightspace.enrolling import Enroller
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from tests.brightspace.bodies import ADA, LP, ORG_UNIT, enrolled, role
from tests.brightspace.loopback import Answer, resets, says

ONE = f"{LP}/enrollments/orgUnits/7/users/1"
ALL = f"{LP}/enrollments/"
ROLES = f"{LP}/roles/"


@pytest.fixture
def enroller(settings, client):
    return Enroller(replace(settings, enrol_role="110"), client)


@pytest.mark.parametrize(
    ("answer", "has_role"), [(says(enrolled(ADA)), True), (Answer(404), False)], ids=["one", "none"]
)
def test_a_person_has_a_role_in_an_org_unit_or_none(server, enroller, answer, has_role):
    server.on(ONE, answer)

    assert enroller.has_role(ORG_UNIT, ADA) is has_role


@pytest.mark.parametrize(("answer", "error"), [(Answer(403), SourceRefused), (Answer(503), SourceUnavailable)])
def test_a_role_that_can_not_be_read_is_not_taken_for_none(server, enroller, answer, error):
    server.on(ONE, answer)

    with pytest.raises(error):
        enroller.has_role(ORG_UNIT, ADA)


def test_somebody_is_enrolled_as_the_configured_role_with_one_request(server, enroller):
    server.on(ALL, says(enrolled(ADA)))

    enroller.enrol(ORG_UNIT, ADA)

    assert server.paths() == [ALL]
    assert json.loads(server.asked[0].body) == {"OrgUnitId": 7, "UserId": 1, "RoleId": 110}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(resets(), id="no answer"),
        pytest.param(Answer(500), id="500"),
        pytest.param(Answer(504), id="a time-out behind it"),
        pytest.param(Answer(302, b"", {"Location": ALL}), id="a redirect"),
    ],
)
def test_where_nobody_knows_whether_it_was_done_it_is_not_asked_for_again(server, enroller, answer):
    server.on(ALL, answer)

    with pytest.raises(SourceUnavailable):
        enroller.enrol(ORG_UNIT, ADA)

    assert server.paths() == [ALL]


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_says_that_nothing_was_done_and_which_scope_it_takes(server, enroller, status):
    server.on(ALL, Answer(status))

    with pytest.raises(SourceRefused, match=str(status)) as refused:
        enroller.enrol(ORG_UNIT, ADA)

    assert refused.value.status == status
    assert "enrollment:orgunit:create" in refused.value.hint


def test_a_rejected_token_is_replaced_once_since_nothing_was_done(server, enroller):
    server.on(ALL, Answer(401), says(enrolled(ADA)))

    enroller.enrol(ORG_UNIT, ADA)

    first, second = (one.headers["Authorization"] for one in server.asked)
    assert first != second


def test_a_rejected_new_token_needs_a_person(server, enroller):
    server.on(ALL, Answer(401))

    with pytest.raises(TokenRefused):
        enroller.enrol(ORG_UNIT, ADA)

    assert server.paths() == [ALL, ALL]


def test_a_role_that_is_named_is_looked_up_once(server, settings, client):
    server.on(ROLES, says([role(109, "Instructor"), role(112, "Member")]))
    server.on(ALL, says(enrolled(ADA)))
    enroller = Enroller(replace(settings, enrol_role="Member"), client)

    enroller.enrol(ORG_UNIT, ADA)
    enroller.enrol(ORG_UNIT, ADA)

    assert server.paths() == [ROLES, ALL, ALL]
    assert [json.loads(one.body)["RoleId"] for one in server.asked[1:]] == [112, 112]


@pytest.mark.parametrize(
    "roles", [[role(109, "Instructor")], [role(112, "Member"), role(113, "Member")]], ids=["no", "two"]
)
def test_nobody_is_enrolled_as_a_role_that_is_not_exactly_one(server, settings, client, roles):
    server.on(ROLES, says(roles))

    with pytest.raises(SourceRefused, match="roles are called as enrol_role says") as refused:
        Enroller(replace(settings, enrol_role="Member"), client).enrol(ORG_UNIT, ADA)

    assert (server.paths(), refused.value.hint) == (
        [ROLES],
        "set brightspace.enrol_role to the role's id or exact name",
    )

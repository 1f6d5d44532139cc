"""The stated ends of the story are what its facts say, and its awkward people are there."""

import pytest

from d2l_sync.sandbox.in_process import Sandbox
from tests.sandbox.conftest import Badgr, Brightspace
from tests.sandbox.judge import Judge


def pairs(listed):
    return {tuple(each) for each in listed}


@pytest.mark.parametrize(
    ("learners", "seed"),
    [pytest.param(60, 1, id="small"), pytest.param(60, 2, id="other"), pytest.param(150, 3, id="larger")],
)
def test_a_judge_who_knows_only_the_facts_comes_to_the_stated_end(http, learners, seed):
    with Sandbox(learners=learners, seed=seed) as sandbox:
        sandbox.control("set_page_sizes", size=200)
        judge = Judge(Brightspace(sandbox, http), Badgr(sandbox, http))
        stated = sandbox.expected()

        assert judge.earned() | pairs(stated["hand_made"]) == pairs(stated["before_approvals"])
        assert judge.due_access() == pairs(stated["enrolments"])


def test_the_second_act_ends_as_stated_for_who_awarded_the_first(http):
    """What was awarded in the first act stays, whatever the second takes away."""
    with Sandbox() as sandbox:
        sandbox.control("set_page_sizes", size=200)
        brightspace, badgr = Brightspace(sandbox, http), Badgr(sandbox, http)
        first = pairs(sandbox.expected()["before_approvals"])
        for address, badge in first - pairs(sandbox.expected()["hand_made"]):
            assert badgr.award(badge, address).status_code == 201
        formerly = {part["user_id"]: part["address"] for part in sandbox.control("learners")}

        stated = sandbox.control("begin_second_act")

        judge = Judge(brightspace, badgr, formerly)
        assert judge.earned() | first == pairs(stated["before_approvals"])
        assert judge.due_access() == pairs(stated["enrolments"])


def test_a_sandbox_of_any_size_has_exactly_so_many_learners():
    for learners in (1, 7, 61, 500):
        with Sandbox(learners=learners) as sandbox:
            assert sandbox.expected()["learners"] == learners


def test_the_same_seed_tells_the_same_story():
    told = []
    for _ in range(2):
        with Sandbox(seed=5) as sandbox:
            told.append((sandbox.expected(), sandbox.control("roster")))

    assert told[0] == told[1]


def test_approval_is_all_that_some_wait_for(sandbox):
    stated = sandbox.expected()

    assert {badge for _, badge in stated["waiting"]} == {"micro-credential"}
    assert pairs(stated["after_approvals"]) == pairs(stated["before_approvals"]) | pairs(stated["waiting"])


def test_two_learners_share_an_address_and_one_has_none(sandbox):
    reasons = [reason for _, _, reason in sandbox.expected()["blocked"]]

    assert sorted(reasons) == ["no address", "shared address", "shared address"]


def test_the_second_act_happens_once(sandbox):
    sandbox.control("begin_second_act")
    ended = sandbox.control("user", user=sandbox.control("learners", kind="finished everything")[0]["user_id"])

    assert sandbox.control("begin_second_act") == sandbox.expected()
    assert sandbox.control("user", user=ended["user_id"]) == ended


def test_the_roster_has_a_row_for_each_member_and_one_id_in_each(sandbox):
    header, *rows = sandbox.control("roster").splitlines()

    assert header == "team,email,user_id,org_defined_id,confirmed_on,pathway"
    assert all(sum(bool(cell) for cell in row.split(",")[1:4]) == 1 for row in rows)


@pytest.mark.parametrize("role", ["Instructor", "Teaching Assistant"])
def test_staff_stand_on_the_classlist_too(brightspace, role):
    rows = brightspace.objects("le/1.82/6601/classlist/paged/")

    assert role in {row["ClasslistRoleDisplayName"] for row in rows}

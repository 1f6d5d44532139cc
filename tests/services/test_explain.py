"""Why a learner has a badge or not, in one sentence, from what the last passes stored."""

from dataclasses import replace

import pytest

from d2l_sync.domain.access import AccessState
from d2l_sync.domain.award import State
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.ports import PassRecord
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.services.explain import STANDING, access_of, explain, sentence_of
from tests.builders import make_enrolment
from tests.services.programme import ADA, LAST, MACRO, NOON, PATHWAY, WHOLE, YESTERDAY, person

QUIZ_MET = Verdict(Truth.MET, "18 of 20", key="quiz", name="Quiz", threshold="16 of 20", source="quiz 44101")
QUIZ_UNMET = replace(QUIZ_MET, truth=Truth.UNMET, because="12 of 20")
TEAM_UNKNOWN = Verdict(Truth.UNKNOWN, "the teams could not be read", key="team", name="Team", source="teams")
VIDEO_UNMET = Verdict(Truth.UNMET, "not seen", key="video", name="Video", is_required=False)


def judged(office, truth, *verdicts):
    office.state.record(1, PassRecord(at=NOON, judgements=(Judgement(person(ADA), LAST, truth, verdicts),)))


def explained(office, **fields):
    pathways = [replace(WHOLE, **fields)]
    [found] = explain(office.state, pathways, person(ADA), [LAST])
    return found


@pytest.mark.parametrize("state", [one for one in State if one is not State.LAPSED], ids=lambda one: one.value)
def test_an_award_is_explained_by_where_it_stands_and_why(office, state):
    row = "held by a person" if state is State.HELD else state.value
    office.has(row, reason="a reason", issued_on=YESTERDAY)

    on = " on 2026-03-01" if state is State.ISSUED else ""
    assert explained(office).sentence == f"Macro of user 301 {STANDING[state]}{on} (a reason)."


def test_an_award_made_by_hand_without_a_date_is_explained_without_one(office):
    office.has("issued")

    assert explained(office).sentence == "Macro of user 301 was issued."


@pytest.mark.parametrize("row", ["none", "lapsed"])
@pytest.mark.parametrize(
    ("truth", "verdicts", "answer"),
    [
        pytest.param(
            Truth.UNMET,
            (VIDEO_UNMET, TEAM_UNKNOWN, QUIZ_UNMET),
            "does not have Macro, because Quiz: 12 of 20, needs 16 of 20; Team: the teams could not be read.",
            id="unmet first",
        ),
        pytest.param(
            Truth.UNKNOWN,
            (QUIZ_MET, TEAM_UNKNOWN),
            "does not have Macro yet, because Team: the teams could not be read.",
            id="unknown",
        ),
        pytest.param(Truth.UNMET, (), "does not have Macro, because nothing was judged.", id="nothing to say"),
        pytest.param(Truth.MET, (QUIZ_MET,), "has earned Macro; the next pass decides.", id="met"),
    ],
)
def test_without_an_award_what_stands_in_the_way_is_named(office, row, truth, verdicts, answer):
    office.has(row)
    judged(office, truth, *verdicts)

    assert explained(office).sentence == f"User 301 {answer}"


def test_a_learner_whom_no_pass_has_seen_is_told_so(office):
    found = explained(office, contact="ums.mc@example.edu")

    assert found.sentence == "User 301 does not have Macro: no pass has seen this learner in its courses yet."
    assert (found.blockers(), found.whom_to_ask) == ([], "ums.mc@example.edu")


def test_an_explanation_holds_the_approval_and_the_history_of_its_own_badge(office):
    office.has("due")
    approval = Approval(person(ADA), PATHWAY, MACRO, is_approved=True, by="hopper", at=NOON)
    office.state.decide(approval)

    found = list(explain(office.state, [WHOLE, Pathway(PATHWAY, "Empty", ())], person(ADA)))

    assert [one.badge for one in found] == list(WHOLE.badges)
    assert [(one.approval, [line.becomes for line in one.history]) for one in found[-2:]] == [
        (None, []),
        (approval, ["due"]),
    ]


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        pytest.param(
            replace(QUIZ_MET, read_at=NOON),
            "Quiz: 18 of 20, needs 16 of 20; quiz 44101, read 2026-03-02 12:00 UTC",
            id="all there is",
        ),
        pytest.param(VIDEO_UNMET, "Video (optional): not seen", id="optional"),
        pytest.param(TEAM_UNKNOWN, "Team: the teams could not be read", id="its source says nothing more"),
    ],
)
def test_a_criterion_is_one_line(verdict, line):
    assert sentence_of(verdict) == line


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        pytest.param({}, "Access to org unit 6602 is due", id="nothing has happened yet"),
        pytest.param(
            {"state": AccessState.DONE, "done_at": NOON},
            "Access to org unit 6602 was given on 2026-03-02 12:00 UTC",
            id="given by us",
        ),
        pytest.param(
            {"state": AccessState.DONE, "done_at": NOON, "reason": "had a role there already"},
            "Access to org unit 6602 was given on 2026-03-02 12:00 UTC (had a role there already)",
            id="given by somebody else",
        ),
        pytest.param(
            {"state": AccessState.SENDING, "reason": "no answer in time"},
            "Access to org unit 6602 was asked for, and the answer is not known; it will be read first"
            " (no answer in time)",
            id="its answer was lost",
        ),
    ],
)
def test_access_to_a_course_is_one_line(fields, line):
    assert access_of(make_enrolment(**fields)) == line

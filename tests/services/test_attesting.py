"""From what an administrator says to an attestation: it fits a criterion, an option and somebody, or is refused."""

from dataclasses import replace

import pytest

from d2l_sync.domain.criterion import Attested
from d2l_sync.domain.errors import InputError, UsageError
from d2l_sync.domain.ids import CriterionKey
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.world import Attestation
from d2l_sync.services.attesting import Request, attestation_for, read_attestations
from tests.services.programme import ADA, FIRST, GRACE, NOON, PATHWAY, SECOND, UNIT_1, make_badge, person

VISIT = Attested(CriterionKey("visit"), "Visit", "field", PATHWAY, ("yes", "remotely"))
FREE = Attested(CriterionKey("talk"), "Talk", "field", PATHWAY, ())
PATHWAYS = (Pathway(PATHWAY, "Field work", (make_badge("field", VISIT, FREE, unit=UNIT_1), FIRST)),)
TALK = Request(str(ADA), None, badge="field", criterion="talk", note="on Monday")


def attested(office, request):
    return attestation_for(request, PATHWAYS, office.desk, by="hopper", at=NOON)


def test_an_attestation_names_whom_it_is_for_who_said_it_and_when(office):
    made = attested(office, TALK)

    expected = Attestation(
        PATHWAY, "field", FREE.key, person(ADA), None, value="", by="hopper", at=NOON, note="on Monday"
    )
    assert made == expected
    assert attested(office, replace(TALK, learner=None, team="Owls")) == replace(expected, person_id=None, team="Owls")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        pytest.param(replace(TALK, team="Owls"), "a learner or a team", id="for both"),
        pytest.param(replace(TALK, learner=None), "a learner or a team", id="for nobody"),
        pytest.param(replace(TALK, learner=str(GRACE)), "no learner fits", id="for a stranger"),
        pytest.param(replace(TALK, badge=str(SECOND.key)), "no badge level-2", id="no such badge"),
        pytest.param(replace(TALK, criterion="song"), "no attested criterion song", id="no such criterion"),
        pytest.param(replace(TALK, badge=str(FIRST.key)), "no attested criterion talk", id="another badge's"),
        pytest.param(replace(TALK, criterion="visit"), "no value", id="without a value"),
        pytest.param(replace(TALK, criterion="visit", value="perhaps"), "'perhaps' is no option", id="no such option"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(office, request_, why):
    with pytest.raises(UsageError, match=why):
        attested(office, request_)


def test_taking_back_needs_no_value(office):
    made = attested(office, replace(TALK, criterion="visit", is_undo=True))

    assert (made.criterion, made.value) == (VISIT.key, "")


def read(office, text):
    return read_attestations(text, PATHWAYS, office.desk, name="visits.csv", by="hopper", at=NOON)


def test_a_file_attests_for_learners_and_teams_in_any_order_of_columns(office):
    made = read(office, "\ufeffCriterion,badge,learner,team,value\ntalk,field,301,,\n\nvisit,field,,Owls,yes\n")

    assert [(one.person_id, one.team, one.criterion, one.value) for one in made] == [
        (person(ADA), None, "talk", ""),
        (None, "Owls", "visit", "yes"),
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param("", {1: "no column says who is meant"}, id="empty"),
        pytest.param("learner,badge\n301,field\n", {1: "no column 'criterion'"}, id="no criterion"),
        pytest.param("learner,badge,criterion,mood\n", {1: "unknown column 'mood'"}, id="unknown column"),
        pytest.param("learner,badge,criterion\n301,field\n", {2: "2 cells"}, id="a cell too few"),
        pytest.param('learner,badge,criterion\n301,"fi"eld,talk\n', {2: "no CSV"}, id="broken quotes"),
        pytest.param("learner,badge,criterion\n301,f\ufffdld,talk\n", {2: "there is no badge"}, id="not UTF-8"),
        pytest.param(
            "learner,badge,criterion\n302,field,talk\n301,field,talk\n301,field,song\n",
            {2: "no learner fits", 4: "no attested criterion song"},
            id="every fault",
        ),
    ],
)
def test_a_file_with_a_fault_attests_nothing_and_names_every_line(office, text, faults):
    with pytest.raises(InputError) as caught:
        read(office, text)

    told = [f"{one.where} {one.what}" for one in caught.value.faults]
    for line, what in faults.items():
        assert any(one.startswith(f"visits.csv:{line} ") and what in one for one in told)
    assert office.state.attestations() == ()

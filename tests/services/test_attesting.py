"""From what an administrator says to an attestation: it fits a criterion, an option and somebody, or is refused."""

from dataclasses import replace

import pytest

from d2l_sync.domain.criterion import Attested
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import CriterionKey
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.world import Attestation
from d2l_sync.services.attesting import Request, attestation_for
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

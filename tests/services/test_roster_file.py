"""A roster file is taken over whole or not at all, and every fault is named with its line."""

from datetime import date

import pytest

from d2l_sync.domain.errors import InputError
from d2l_sync.domain.ids import Address, PathwayKey, UserId
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.roster_file import read_roster


def read(text):
    return read_roster(text, name="roster.csv", pathways=["ums-mcd"])


def test_columns_come_in_any_order_and_ids_may_be_missing():
    text = "\ufeffconfirmed_on,team,pathway,email,user_id\n2026-01-05,Owls,ums-mcd, Ada@Example.EDU ,\n,Owls,,,17\n\n"

    assert read(text) == (
        RosterRow(
            "Owls",
            address=Address("ada@example.edu"),
            confirmed_on=date(2026, 1, 5),
            pathway=PathwayKey("ums-mcd"),
        ),
        RosterRow("Owls", user_id=UserId(17)),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("team,mail\n", "roster.csv:1: unknown column 'mail'", id="an unknown column"),
        pytest.param("team,email,email\n", "roster.csv:1: column 'email' stands twice", id="a column twice"),
        pytest.param("email\n", "roster.csv:1: there is no column 'team'", id="no team column"),
        pytest.param("team\n", "roster.csv:1: no column says who is meant", id="no id column"),
        pytest.param("", "roster.csv:1: there is no column 'team'", id="an empty file"),
        pytest.param("team,email\nOwls\n", "roster.csv:2: 1 cells", id="a short row"),
        pytest.param("team,email\n,a@b.example\n", "roster.csv:2: no team", id="no team"),
        pytest.param("team,email\nOwls,\n", "roster.csv:2: nobody is named", id="nobody"),
        pytest.param("team,email\nOwls,ada\n", "roster.csv:2: the e-mail has no @", id="no address"),
        pytest.param("team,user_id\nOwls,x7\n", "roster.csv:2: user_id 'x7' is no user id", id="no number"),
        pytest.param(f"team,user_id\nOwls,{'9' * 25}\n", "is no user id", id="a number of 25 digits"),
        pytest.param(f"team,user_id\nOwls,{'9' * 5000}\n", "is no user id", id="a number of 5000 digits"),
        pytest.param("team,user_id\nOwls,0\n", "user_id '0' is no user id", id="nought"),
        pytest.param("team,user_id\nO\x00wls,7\n", "roster.csv:2: a cell holds what is no text", id="a NUL"),
        pytest.param("team,user_id\nO\ufffdls,7\n", "roster.csv:2: a cell holds what is no text", id="no UTF-8"),
        pytest.param("team,user_id,confirmed_on\nOwls,7,soon\n", "roster.csv:2: confirmed_on 'soon'", id="no date"),
        pytest.param("team,user_id,pathway\nOwls,7,other\n", "roster.csv:2: unknown pathway 'other'", id="no pathway"),
        pytest.param('team,user_id\n"Owls,7\n', "no CSV", id="an open quote"),
    ],
)
def test_each_fault_names_its_line_and_what_would_be_right(text, fault):
    with pytest.raises(InputError) as refused:
        read(text)

    assert fault in str(refused.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(InputError) as refused:
        read("team,user_id,confirmed_on\n,x,soon\nOwls,,\n")

    assert len(refused.value.faults) == 4

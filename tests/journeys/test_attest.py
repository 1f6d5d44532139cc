"""What only an administrator knows: attested for a learner or a team, taken back, imported whole or not at all."""

import pytest

RULES = """
key = "field-work"
name = "Field work"
[[badge]]
key = "visit"
name = "Visit"
badge_class = "{badge_class}"
org_unit = 6601
  [[badge.criterion]]
  key = "been-there"
  kind = "attested"
  options = ["yes", "remotely"]
"""


@pytest.fixture
def visits(desk):
    """Put one badge in place of the pathway: who has been there gets it."""
    rules = next((desk.folder / "config" / "pathways").iterdir())
    badge_class = desk.sandbox.control("badge_classes")["level-2"]
    rules.write_text(RULES.format(badge_class=badge_class), encoding="utf-8")
    desk.run("sync")
    return desk


def learner_of(desk):
    return next(one for one in desk.sandbox.control("learners") if one["kind"] == "did nothing")


def test_an_attestation_earns_the_badge_in_the_next_pass(visits):
    learner = learner_of(visits)

    attested = visits.run("attest", learner["user_id"], "visit", "been-there", "--value", "yes")
    visits.sync()

    assert (attested.code, visits.held()[learner["address"], "level-2"]) == (0, 1)


def test_an_attestation_taken_back_before_a_pass_earns_nothing(visits):
    learner = learner_of(visits)
    visits.run("attest", learner["user_id"], "visit", "been-there", "--value", "yes")

    undone = visits.run("attest", "--undo", learner["user_id"], "visit", "been-there")
    report = visits.sync()

    assert (undone.code, report["awards"]["earned"]) == (0, 0)


def test_a_value_that_is_no_option_is_refused_by_name(visits):
    answer = visits.run("attest", learner_of(visits)["user_id"], "visit", "been-there", "--value", "perhaps")

    assert answer.code == 2
    assert "yes, remotely" in answer.err


def test_a_file_with_one_fault_attests_nothing(visits, tmp_path):
    file = tmp_path / "visits.csv"
    known = learner_of(visits)["user_id"]
    file.write_text(
        f"learner,badge,criterion,value\n{known},visit,been-there,yes\nnobody@example.net,visit,been-there,yes\n",
        encoding="utf-8",
    )

    answer = visits.run("attest", "--import", file)
    report = visits.sync()

    assert (answer.code, "visits.csv:3" in answer.err, report["awards"]["earned"]) == (65, True, 0)

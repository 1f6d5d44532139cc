"""Versions, paths, paging, permissions, quota: what holds on every route."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

CLASSLIST = "le/1.82/6601/classlist/paged/"


def test_versions_are_for_anybody(sandbox, http):
    root = f"{sandbox.addresses.brightspace}/d2l/api"
    every = http.get(f"{root}/versions/", timeout=60).json()
    one = http.get(f"{root}/le/versions/", timeout=60).json()

    assert [each["ProductCode"] for each in every] == ["lp", "le", "bas"]
    assert (one["LatestVersion"], one["SupportedVersions"][0]) == ("1.99", "1.0")


def test_versions_can_be_checked(sandbox, http):
    asked = [{"ProductCode": "lp", "Version": "1.49"}, {"ProductCode": "le", "Version": "1.9"}]

    answer = http.post(f"{sandbox.addresses.brightspace}/d2l/api/versions/check", json=asked, timeout=60).json()

    assert answer["Supported"] is False
    assert [each["Supported"] for each in answer["Versions"]] == [True, False]


def test_one_version_can_be_asked_about(sandbox, http):
    root = f"{sandbox.addresses.brightspace}/d2l/api/lp/versions"

    assert http.get(f"{root}/1.49", timeout=60).json() == {"Supported": True, "LatestVersion": "1.63"}
    assert http.get(f"{root}/1.5", timeout=60).json()["Supported"] is False


@pytest.mark.parametrize("version", ["1.9", "1.0", "1.100", "2.0", "unstable"])
def test_a_version_that_is_not_supported_is_not_found(brightspace, version):
    """1.9 is older than 1.82: two integers, not a decimal. 1.0 is listed, and gone all the same."""
    assert brightspace.ask(f"le/{version}/6601/classlist/").status_code == 404


def test_a_version_may_end(sandbox, brightspace):
    sandbox.control("set_versions", product="le", lowest=90, newest=99)

    assert brightspace.ask("le/1.82/6601/grades/").status_code == 404
    assert brightspace.ask("le/1.90/6601/grades/").status_code == 200


@pytest.mark.parametrize(
    "path", ["le/1.82/6601/classlist", "le/1.82/6601/quizzes/44101/", "lp/1.49/users/whoami/", "le/1.82/6601/grades"]
)
def test_a_wrong_slash_is_not_found(brightspace, path):
    assert brightspace.ask(path).status_code == 404


def test_a_wrong_method_is_told_the_right_one(brightspace):
    refused = brightspace.ask("lp/1.49/enrollments/", method="PUT", json={})

    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


def test_an_unknown_org_unit_is_not_found(brightspace):
    assert brightspace.ask("le/1.82/9999/classlist/").status_code == 404


def test_members_that_nobody_has_heard_of_are_everywhere(brightspace):
    rows = [brightspace.get("lp/1.49/users/whoami"), brightspace.get("le/1.82/6601/grades/")[0]]

    assert all("AddedInALaterRelease" in row for row in rows)


def test_next_is_absolute_and_carries_the_filters(sandbox, brightspace):
    page = brightspace.get(CLASSLIST, roleId=110)

    assert page["Next"].startswith(f"{sandbox.addresses.brightspace}/d2l/api/le/1.82/6601/classlist/paged/?roleId=110&")
    assert len(page["Objects"]) == 20


def test_next_may_be_a_path(sandbox, brightspace):
    sandbox.control("set_habit", name="next_form", value="path")

    assert brightspace.get(CLASSLIST)["Next"].startswith("/d2l/api/le/1.82/6601/classlist/paged/?bookmark=")


def test_pages_make_up_the_whole(sandbox, brightspace):
    sandbox.control("set_page_sizes", classlist=3)

    rows = brightspace.objects(CLASSLIST)

    assert [row["Identifier"] for row in rows] == [
        row["Identifier"] for row in brightspace.get("le/1.82/6601/classlist/")
    ]


@pytest.mark.parametrize("kept", [True, False], ids=["with a bookmark", "without"])
def test_only_has_more_items_tells_the_last_page(sandbox, brightspace, kept):
    sandbox.control("set_habit", name="last_bookmark", value=kept)
    sandbox.control("set_page_sizes", enrolments=100)

    paging = brightspace.get("lp/1.49/enrollments/orgUnits/6601/users/")["PagingInfo"]

    assert paging["HasMoreItems"] is False
    assert (paging["Bookmark"] is not None) is kept


def test_a_made_up_bookmark_is_refused(brightspace):
    assert brightspace.ask(CLASSLIST, params={"bookmark": "2"}).status_code == 400


def test_every_answer_tells_what_it_cost(brightspace):
    headers = brightspace.ask("lp/1.49/roles/").headers

    assert headers["X-Request-Cost"] == "10"
    assert int(headers["X-Rate-Limit-Remaining"]) < 50_000
    assert 0 < int(headers["X-Rate-Limit-Reset"]) <= 60


def test_an_empty_bucket_says_only_when_to_come_back(sandbox, brightspace):
    sandbox.control("set_credits", capacity=20)

    answers = [brightspace.ask("lp/1.49/roles/") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert not [name for name in answers[2].headers if name.startswith("X-R")]


def test_the_bucket_fills_with_the_minute(sandbox, brightspace):
    sandbox.control("set_credits", capacity=10)
    brightspace.ask("lp/1.49/roles/")

    sandbox.control("advance_clock", seconds=61)

    assert brightspace.ask("lp/1.49/roles/").status_code == 200


def test_some_applications_see_no_quota(sandbox, brightspace):
    sandbox.control("set_credits", headers=False)

    assert "X-Request-Cost" not in brightspace.ask("lp/1.49/roles/").headers


@pytest.mark.parametrize("shape", ["problem", "errors", "broken_json", "text", "html", "empty"])
def test_a_denial_comes_in_any_shape(sandbox, brightspace, shape):
    sandbox.control("deny", org_unit=6602, tool="dropbox", shape=shape)

    assert brightspace.ask("le/1.82/6602/dropbox/folders/").status_code == 403
    assert brightspace.ask("le/1.82/6601/dropbox/folders/").status_code == 200


def test_the_list_may_be_allowed_and_the_item_denied(sandbox, brightspace):
    sandbox.control("deny", org_unit=6601, tool="attempts")

    assert brightspace.ask("le/1.82/6601/quizzes/44101").status_code == 200
    assert brightspace.ask("le/1.82/6601/quizzes/44101/attempts/").status_code == 403


def test_a_closed_course_denies_everything_until_it_opens_again(sandbox, brightspace):
    sandbox.control("close_course", org_unit=6601)
    closed = brightspace.ask("le/1.82/6601/classlist/")
    sandbox.control("close_course", org_unit=6601, closed=False)

    assert closed.status_code == 403
    assert brightspace.ask("le/1.82/6601/classlist/").status_code == 200


def test_the_date_header_shows_the_servers_own_clock(sandbox, http):
    sandbox.control("set_clock", offset_s=-86_400 * 400)
    address = sandbox.addresses.brightspace

    shown = parsedate_to_datetime(http.get(f"{address}/d2l/api/versions/", timeout=60).headers["Date"])

    assert datetime.now(UTC) - shown == pytest.approx(timedelta(days=400), abs=timedelta(days=1))


def test_a_connection_is_kept_alive(sandbox, http):
    address = f"{sandbox.addresses.brightspace}/d2l/api/versions/"
    answers = [http.get(address, timeout=60) for _ in range(3)]

    assert [each.raw.version for each in answers] == [11] * 3
    assert len(http.get_adapter(address).poolmanager.pools) == 1

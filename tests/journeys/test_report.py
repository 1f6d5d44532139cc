"""`report`: agrees with the ledger, names nobody, and its page stands alone."""

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from d2l_sync.cli.report_page import POLICY
from tests.journeys.desk import Desk

LOADS = re.compile(r"(?i)\b(src|href|srcset|action|data|poster)\s*=|url\(|@import|<script|javascript:|\son\w+=")


@pytest.fixture(scope="module")
def at_work(nursery, tmp_path_factory):
    """Make two passes with an approval between; the tests of this file read only."""
    desk = Desk(nursery, tmp_path_factory.mktemp("at-work"), learners=40)
    desk.sign_in()
    desk.sync()
    desk.run("approvals", "approve", desk.listed("approvals", "list")[0]["user_id"])
    desk.sync()
    yield desk
    desk.stop()


class Page(HTMLParser):
    """Which elements a page has, whether each is closed, and what it says."""

    VOID = frozenset({"meta", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.open: list[str] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen[tag] += 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def test_the_report_agrees_with_the_ledger(at_work):
    made = at_work.listed("report")

    shown = {
        (pathway["pathway"], badge["badge"], state): count
        for pathway in made["pathways"]
        for badge in pathway["badges"]
        for state, count in badge["awards"].items()
    }
    listed = Counter((row["pathway"], row["badge"], row["state"]) for row in at_work.listed("awards", "list"))
    assert shown == dict(listed)
    for pathway in made["pathways"]:
        for badge in pathway["badges"]:
            stages = list(badge["funnel"].values())
            assert stages == sorted(stages, reverse=True)
            assert badge["funnel"]["issued"] == badge["awards"].get("issued", 0)
    waiting = sum(badge["approvals"]["waiting"] for pathway in made["pathways"] for badge in pathway["badges"])
    assert waiting == len(at_work.listed("approvals", "list"))
    assert made["reviews"] == len(at_work.listed("reviews", "list"))


def test_every_form_of_the_report_names_nobody(at_work):
    page, table, text = (at_work.run("report", *words).out for words in (("--html", "-"), ("--csv", "-"), ()))
    as_json = at_work.run("report", "--json").out

    people = at_work.sandbox.control("learners", kind="")
    names = {one["address"] for one in people if one["address"]} | {str(one["user_id"]) for one in people}
    for form in (page, table, text, as_json):
        assert form
        assert "@" not in form.replace("@media", "")
        assert [name for name in names if name in form] == []


def test_the_page_needs_nothing_and_runs_nothing(at_work):
    file = at_work.folder / "report.html"

    assert at_work.run("report", "--html", file).out == ""

    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert LOADS.findall(text) == []
    assert POLICY in text.replace("&#39;", "'")
    assert (page.open, page.seen["script"], page.seen["img"], page.seen["link"]) == ([], 0, 0, 0)
    assert page.seen["svg"] >= 8
    assert "not required" in page.said
    assert "How far learners come" in page.said


def test_the_table_has_a_row_for_every_figure(at_work):
    rows = list(csv.DictReader(io.StringIO(at_work.run("report", "--csv", "-").out)))

    by_name = {(row["badge"], row["figure"], row["of"]): int(row["count"]) for row in rows}
    badges = {one["badge"]: one for pathway in at_work.listed("report")["pathways"] for one in pathway["badges"]}
    assert {badge: by_name[badge, "funnel", "issued"] for badge in badges} == {
        badge: one["funnel"]["issued"] for badge, one in badges.items()
    }
    assert len(by_name) == len(rows)


def test_what_stands_in_a_rule_file_is_text_on_the_page(desk):
    """A badge's name is whatever somebody wrote into the file; before the first pass there is a page all the same."""
    (file,) = (desk.folder / "config" / "pathways").glob("*.toml")
    text = file.read_text(encoding="utf-8")
    spoilt = re.sub(r'^name = ".*"$', 'name = "<script>alert(1)</script>"', text, count=1, flags=re.MULTILINE)
    file.write_text(spoilt, encoding="utf-8")

    page = desk.run("report", "--html", "-").out

    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "No pass was made yet." in page
    assert desk.run("report").out.startswith("No pass yet.")


def test_a_file_that_can_not_be_written_is_told_in_a_sentence(at_work):
    answer = at_work.run("report", "--html", at_work.folder / "nowhere" / "report.html")

    assert (answer.code, "can't be written" in answer.err, "Traceback" in answer.err) == (2, True, False)

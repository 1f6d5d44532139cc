"""One load tells everything that is wrong in all files, each fault with its line; and nothing makes it fall over."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from d2l_sync.configuration import load, load_settings
from d2l_sync.domain.errors import ConfigError
from tests.configuration.files import PATHWAY, SECRETS, service_text, write

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(BROKEN.rglob("*.toml"))


def expected() -> list[tuple[str, str]]:
    """Collect file:LINE and what is to be told about it; `file`: what is missing at the top has no line."""
    return [
        (str(path), told.removeprefix("file ")) if told.startswith("file ") else (f"{path}:{number}", told)
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for told in map(str.strip, line.split("#!")[1:])
        if not line.startswith("# ")
    ]


@pytest.fixture(scope="module")
def faults():
    with pytest.raises(ConfigError) as caught:
        load(BROKEN / "d2l-sync.toml", {})
    assert caught.value.exit_code == 78
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(("place", "told"), expected(), ids=lambda part: part.removeprefix(f"{BROKEN}/")[:50])
def test_each_fault_is_told_with_its_line(faults, place, told):
    assert [fault for fault in faults if fault.startswith(f"{place}: ") and told in fault]


def test_nothing_else_is_told(faults):
    lines = Counter(re.sub(r"(\.toml(:\d+)?): .*", r"\1", fault) for fault in faults)

    assert lines == Counter(place for place, _ in expected())


def test_every_fault_says_what_would_be_right(faults):
    assert [fault for fault in faults if not fault.endswith(")")] == []


def test_no_fault_repeats_a_secret(faults):
    assert "hunter2" not in "\n".join(faults)


def test_settings_alone_leave_the_rules_unread(tmp_path):
    path = write(tmp_path, service_text({}), broken="key = ")

    assert load_settings(path, SECRETS).pathway_files == (tmp_path / "pathways" / "broken.toml",)


ANYTHING = [
    "true",
    "0",
    "-1",
    f"{2**70}",
    "0x" + "f" * 4000,
    "1.5",
    "nan",
    "''",
    "' '",
    "'x'",
    "'\\u0000/../['",
    "[]",
    "[[]]",
    "[{}]",
    "['', 1, {}]",
    "{}",
    "{ a = { b = [1] } }",
    f"{date(2026, 12, 31)}",
    "2026-12-31T00:00:00Z",
    "10:00:00",
]
EXAMPLES = Path(__file__).parents[2] / "config"
EVERY_RULE_KEY = """\
key = "mcd"
name = "Development"
page = "https://www.example.edu"
contact = "help@example.edu"
[teams]
source = "groups"
org_unit = 1
group_category = 2
[[badge]]
key = "a"
name = "A"
badge_class = "class-a"
requires = []
team = true
enrol = true
approval = true
awarded_by = "platform"
[[badge.offering]]
org_unit = 1
until = 2026-12-31
g = { grade_object = 2 }
[[badge.criterion]]
key = "g"
name = "G"
kind = "grade"
min_points = 2.5
by = "team"
required = false
[[badge.criterion]]
kind = "quiz"
org_unit = 1
quiz = 2
min_percent = 80
attempt = "policy"
max_points = 20
[[badge.criterion]]
kind = "at_least"
count = 1
of = [{ kind = "final_grade", min_percent = 50 }]
[[badge.criterion]]
kind = "attested"
options = ["a"]
"""


def spoiled(text: str):
    """Yield the text with the value of each key replaced by each kind of value."""
    for match in re.finditer(r"^ *(?:# )?(\w+) = (.*?)(?: +#.*)?$", text, flags=re.MULTILINE):
        for value in ANYTHING:
            yield f"{text[: match.start(1)]}{match[1]} = {value}{text[match.end() :]}"


@pytest.mark.parametrize(
    ("service", "rules"),
    [
        pytest.param((EXAMPLES / "d2l-sync.toml").read_text(encoding="utf-8"), None, id="service file"),
        pytest.param(None, EVERY_RULE_KEY, id="rule file"),
    ],
)
def test_no_value_of_any_kind_makes_it_fall_over(tmp_path, service, rules):
    """A faulty file is a ConfigError with faults, never a traceback."""
    path = write(tmp_path, service_text({}))
    outcomes = Counter[str]()

    for text in spoiled(service or rules):
        (path if service else tmp_path / "pathways" / "mcd.toml").write_text(text, encoding="utf-8")
        try:
            load(path, SECRETS)
            outcomes["loaded"] += 1
        except ConfigError as error:
            outcomes["refused" if error.faults and str(error) else "refused in silence"] += 1

    assert outcomes["refused"] > outcomes["loaded"]
    assert not outcomes["refused in silence"]


def test_the_smallest_configuration_loads(tmp_path):
    _, pathways = load(write(tmp_path, service_text({}), mcd=PATHWAY), SECRETS)

    assert [pathway.key for pathway in pathways] == ["mcd"]

"""Every fault of the service file names its key, says what is wrong, and what would be right."""

import pytest

from d2l_sync.configuration import load_settings
from d2l_sync.domain.errors import ConfigError
from tests.configuration.files import SECRETS, faults_of, service_text, write

HOST = "https:// and a host; http:// only for this machine"
BASE = f"{HOST}, without a page behind it"
LENGTH = 'a whole number and s, m, h or d, such as "15m"'
CLOCK = 'hours and minutes, such as "02:30"'
ZONE = 'a name of the time zone database, such as "America/New_York"'
VERSION = 'two numbers with a point, such as "1.49"'
LISTEN = 'host:port, such as "127.0.0.1:8460"; port 0 to 65535'
SQLITE = 'sqlite:///FILE, or "" for the default'
NAMES = "a list of texts in quotes or whole numbers"
PATTERNS = 'a list of patterns, such as ["pathways/*.toml"]'

# What stands there (None: nothing), and the whole fault.
ROWS: list[tuple[str, str | None, str]] = [
    # required
    ("brightspace.url", None, f"is missing (text in quotes: {BASE})"),
    ("brightspace.url", '""', f"is empty (text in quotes: {BASE})"),
    ("brightspace.client_id", '" "', "is empty (as Brightspace shows it, in quotes)"),
    ("badging.platform", None, "is missing (one of: badgr)"),
    ("badging.url", None, f"is missing (text in quotes: {BASE})"),
    ("badging.issuer", '""', "is empty (its entity id on the badging platform, in quotes)"),
    ("badging.client_id", None, "is missing (client_id, or username for the password grant)"),
    ("badging.client_id", '""', "is missing (client_id, or username for the password grant)"),
    ("pathways.files", None, f"is missing ({PATTERNS})"),
    ("pathways.files", "[]", f"is missing ({PATTERNS})"),
    # wrong types
    ("brightspace.url", "7", f"is a whole number (text in quotes: {BASE})"),
    ("brightspace.client_id", "true", "is true or false (as Brightspace shows it, in quotes)"),
    ("brightspace.lp_version", "1.49", f"is a number with a point (text in quotes: {VERSION})"),
    ("brightspace.learner_roles", '"Learner"', f"is text ({NAMES}, in [ ])"),
    ("brightspace.exclude_users", "[1.5]", f"holds a number with a point ({NAMES})"),
    ("brightspace.exclude_users", "[true]", f"holds true or false ({NAMES})"),
    ("brightspace.exclude_users", '[""]', f"holds an empty text ({NAMES})"),
    ("brightspace.connections", '"8"', "is text (a whole number from 1 to 64, without quotes)"),
    ("brightspace.connections", "true", "is true or false (a whole number from 1 to 64, without quotes)"),
    ("pathways.files", '"x.toml"', "is text (a list of texts in quotes, in [ ])"),
    ("schedule.every", "15", f"is a whole number (text in quotes: {LENGTH})"),
    ("schedule.full", "02:30:00", f"is a time (text in quotes: {CLOCK})"),
    ("delivery.notify", '"yes"', "is text (true or false, without quotes)"),
    ("log.level", "{}", "is a table (text in quotes)"),
    ("log.format", "2026-12-31", "is a date (text in quotes)"),
    # addresses
    ("brightspace.url", '"courses.example.edu"', f"is no web address ({BASE})"),
    ("brightspace.url", '"https://courses..example.edu"', f"is no web address ({BASE})"),
    ("brightspace.url", '"https://[x"', f"is no web address ({BASE})"),
    ("brightspace.url", '"https://x.example:99999"', f"is no web address ({BASE})"),
    ("brightspace.url", '"https://x.example/d2l/home"', f"is the address of a page ({BASE})"),
    ("brightspace.url", '"https://x.example/?a=b"', f"is the address of a page ({BASE})"),
    ("badging.url", '"http://x.example"', f"begins with http:// but does not stay on this machine ({BASE})"),
    ("badging.url", '"https://ada:hunter2@x.example"', f"has a user name or a password in it ({BASE})"),
    ("badging.evidence_url", '"a page"', f"is no web address ({HOST})"),
    ("brightspace.redirect_uri", '"nowhere"', f"is no web address ({HOST})"),
    ("brightspace.token_url", '""', f"is no web address ({HOST})"),
    ("console.listen", '"8460"', f"'8460' is no address to listen on ({LISTEN})"),
    ("console.listen", '"::1:8460"', f"'::1:8460' is no address to listen on ({LISTEN})"),
    ("console.listen", '"localhost:65536"', f"65536 is no port ({LISTEN})"),
    # other forms
    ("brightspace.le_version", '"1"', f"'1' is no version ({VERSION})"),
    ("schedule.every", '"15"', f"'15' is no duration ({LENGTH})"),
    ("schedule.every", '"1.5h"', f"'1.5h' is no duration ({LENGTH})"),
    ("schedule.every", '""', f"'' is no duration ({LENGTH})"),
    ("schedule.every", '"0m"', f"'0m' is no time at all ({LENGTH})"),
    ("delivery.settle", '"400d"', f"'400d' is longer than a year ({LENGTH})"),
    ("schedule.full", '"24:00"', f"'24:00' is no time of day ({CLOCK})"),
    ("schedule.full", '"2:30"', f"'2:30' is no time of day ({CLOCK})"),
    ("schedule.timezone", '"../x"', f"'../x' is no time zone ({ZONE})"),
    (
        "schedule.timezone",
        '"America/New York"',
        f"'America/New York' is no time zone; did you mean 'America/New_York'? ({ZONE})",
    ),
    # out of range
    ("brightspace.connections", "0", "0 is out of range (a whole number from 1 to 64)"),
    ("delivery.connections", "65", "65 is out of range (a whole number from 1 to 64)"),
    ("guard.max_awards_per_pass", "-1", "-1 is out of range (a whole number from 0 to 1000000)"),
    ("guard.max_shrink_percent", "101", "101 is out of range (a whole number from 0 to 100)"),
    ("brightspace.learner_roles", "[]", 'is empty, so nobody could earn anything (such as ["Learner"])'),
    ("brightspace.enrol_role", '""', 'is empty (a role id or name, such as "Learner")'),
    # one of a few
    ("brightspace.auth", '"password"', "'password' is not known (one of: refresh_token, client_credentials)"),
    ("badging.platform", '"badger"', "'badger' is not known (did you mean 'badgr'?)"),
    ("guard.new_rules", '"maybe"', "'maybe' is not known (one of: issue, observe)"),
    ("delivery.mode", '"live"', "'live' is not known (one of: observe, issue)"),
    ("log.format", '"xml"', "'xml' is not known (one of: auto, json, text)"),
    ("log.level", '"INFO"', "'INFO' is not known (one of: debug, info, warning, error)"),
    # not yet
    ("badging.platform", '"credly"', "'credly' is not available in this version (one of: badgr)"),
    ("badging.platform", '"accredible"', "'accredible' is not available in this version (one of: badgr)"),
    ("badging.platform", '"openbadges"', "'openbadges' is not available in this version (one of: badgr)"),
    ("state.url", '"postgresql+psycopg://a:b@c/d"', f"PostgreSQL is not available in this version ({SQLITE})"),
    # databases
    ("state.url", '"mysql://a"', f"is no database that can be used ({SQLITE})"),
    ("state.url", '"sqlite://"', f"is no database that can be used ({SQLITE})"),
    ("state.url", '"sqlite:///:memory:"', f"is no database that can be used ({SQLITE})"),
    ("state.url", '"sqlite:///a.db?mode=ro"', f"is no database that can be used ({SQLITE})"),
    # together
    ("badging.username", '"ada"', "stands beside client_id (exactly one of the two)"),
    # files
    ("pathways.files", '["**x"]', "'**x' is no pattern of files (such as \"pathways/*.toml\")"),
    # unknown
    ("brightspace.lp_verson", '"1.49"', "is not known here (did you mean 'lp_version'?)"),
    ("schedule.often", '"1m"', "is not known here (known: every, full, timezone)"),
    ("brightspace.client_secret_file", '"x"', "is not known here (did you mean 'brightspace_client_secret_file'?)"),
]


@pytest.mark.parametrize(("key", "value", "fault"), ROWS, ids=lambda part: str(part)[:40])
def test_a_fault_says_where_what_and_what_instead(tmp_path, key, value, fault):
    section, name = key.split(".")
    path = write(tmp_path, service_text({section: {name: value}}))

    assert faults_of(path) == [f"d2l-sync.toml: {key}: {fault}"]


def test_client_credentials_need_a_key_id(tmp_path):
    path = write(tmp_path, service_text({"brightspace": {"auth": '"client_credentials"'}}))

    assert faults_of(path) == ["d2l-sync.toml: brightspace.key_id: is missing (the private key's id, in quotes)"]


def test_a_pattern_that_no_file_fits_says_where_it_begins(tmp_path):
    path = write(tmp_path, service_text({"pathways": {"files": '["pathways/*.toml", "gone/*.toml"]'}}))

    assert faults_of(path) == [
        f"d2l-sync.toml: pathways.files: no file fits 'gone/*.toml' (a pattern of files, relative to {tmp_path})"
    ]


@pytest.mark.parametrize("target", ["gone.toml", "linked.toml"], ids=["nowhere", "in a ring"])
def test_a_pathway_file_that_is_a_link_to_nothing_is_a_fault(tmp_path, target):
    """Left out in silence, its badges would not be awarded any more, and nobody would be told."""
    path = write(tmp_path, service_text({}))
    (tmp_path / "pathways" / "linked.toml").symlink_to(target)

    assert faults_of(path) == [
        "d2l-sync.toml: pathways.files: pathways/linked.toml leads nowhere (a link to a file that is there)"
    ]


def test_an_unknown_section_is_a_fault(tmp_path):
    path = write(tmp_path, service_text({"pathway": {"files": "[]"}}))

    assert faults_of(path) == ["d2l-sync.toml: pathway: is not known here (did you mean 'pathways'?)"]


def test_a_section_that_is_no_table_is_a_fault(tmp_path):
    path = write(tmp_path, "schedule = 5\n" + service_text({}))

    assert faults_of(path) == ["d2l-sync.toml: schedule: is a whole number (a table: [schedule] or { … })"]


def test_an_empty_file_lacks_all_that_is_required(tmp_path):
    path = write(tmp_path, "")

    missing = [fault.split(": ")[1] for fault in faults_of(path)]

    assert missing == [
        "brightspace.url",
        "brightspace.client_id",
        "badging.client_id",
        "badging.platform",
        "badging.url",
        "badging.issuer",
        "pathways.files",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a = \n", "d2l-sync.toml:1: is not TOML: Invalid value, column 5", id="no value"),
        pytest.param("\na = [1,", "d2l-sync.toml: is not TOML: Invalid value (at end of document)", id="no end"),
        pytest.param("a = 1\na = 2\n", "d2l-sync.toml:2: a key or table stands twice", id="a key twice"),
        pytest.param("[a]\n\n[a]\n", "d2l-sync.toml:3: a key or table stands twice", id="a table twice"),
        pytest.param(f"a = {'[' * 3000}", "d2l-sync.toml: is nested too deeply", id="too deep"),
        pytest.param(f"a = {'1' * 9000}", "d2l-sync.toml: is not TOML: Exceeds the limit", id="too long a number"),
        pytest.param(b"a = '\xff'", "d2l-sync.toml: is not UTF-8 text (byte 5)", id="bytes"),
    ],
)
def test_what_is_no_toml_is_a_fault_with_its_line(tmp_path, text, fault):
    path = write(tmp_path, "")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ConfigError) as caught:
        load_settings(path, SECRETS)

    assert str(caught.value).startswith(f"{tmp_path}/{fault}")
    assert len(caught.value.faults) == 1


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, SECRETS)

"""The service file: what it may leave out, how its values are read, and where it is looked for."""

import errno
import os
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from d2l_sync.configuration import find_configuration, load, load_settings
from d2l_sync.configuration.settings import passed_over
from d2l_sync.domain.errors import ConfigError
from d2l_sync.domain.settings import BadgingSettings, BrightspaceSettings, ScheduleSettings, Settings
from tests.configuration.files import SECRETS, service_text, write


def read(folder: Path, environ=SECRETS, **changes) -> Settings:
    return load_settings(write(folder, service_text(changes)), environ)


def test_what_is_left_out_is_the_contracts_default(tmp_path):
    settings = read(tmp_path)

    assert settings == Settings(
        source=tmp_path / "d2l-sync.toml",
        brightspace=BrightspaceSettings(
            "https://courses.example.edu", "client-1", client_secret="pretended-1", private_key="pretended-2"
        ),
        badging=BadgingSettings(
            "badgr",
            "https://api.badges.example.com",
            "issuer-1",
            client_id="client-2",
            client_secret="pretended-3",
            password="pretended-4",
        ),
        state_url=f"sqlite:///{tmp_path.parent}/state/d2l-sync.db",
        pathway_files=(tmp_path / "pathways" / "mcd.toml",),
        secrets=frozenset(SECRETS.values()),
    )


def test_values_are_read_as_what_they_are(tmp_path):
    settings = read(
        tmp_path,
        brightspace={"lp_version": '"1.50"', "learner_roles": '["Learner", 110]', "exclude_users": '[4711, "demo.*"]'},
        schedule={"every": '"2h"', "full": '"23:59"', "timezone": '"America/New_York"'},
        delivery={"mode": '"issue"', "settle": '"0s"', "notify": "false"},
    )

    assert settings.brightspace.lp_version == "1.50"
    assert settings.brightspace.learner_roles == ("Learner", "110")
    assert settings.brightspace.exclude_users == ("4711", "demo.*")
    assert settings.schedule == ScheduleSettings(timedelta(hours=2), time(23, 59), ZoneInfo("America/New_York"))
    assert settings.delivery.is_live
    assert settings.delivery.settle == timedelta(0)
    assert not settings.delivery.notify


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("90s", timedelta(seconds=90), id="seconds"),
        pytest.param("15m", timedelta(minutes=15), id="minutes"),
        pytest.param("6h", timedelta(hours=6), id="hours"),
        pytest.param("1d", timedelta(days=1), id="days"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(tmp_path, text, length):
    assert read(tmp_path, schedule={"every": f'"{text}"'}).schedule.every == length


@pytest.mark.parametrize("host", ["localhost:8001", "127.0.0.1:8001", "[::1]:8001"])
def test_plain_http_is_fine_on_this_machine(tmp_path, host):
    settings = read(tmp_path, brightspace={"url": f'"http://{host}/"'})

    assert settings.brightspace.url == f"http://{host}"


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:8460", "localhost:65535"])
def test_the_console_listens_on_a_host_and_a_port(tmp_path, listen):
    assert read(tmp_path, console={"listen": f'"{listen}"'}).console_listen == listen


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        pytest.param("", {}, "{up}/state/d2l-sync.db", id="beside the configuration"),
        pytest.param("", {"STATE_DIRECTORY": "/var/lib/d2l-sync"}, "/var/lib/d2l-sync/d2l-sync.db", id="systemd's"),
        pytest.param("", {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a/d2l-sync.db", id="systemd's first"),
        pytest.param("sqlite:///own.db", {"STATE_DIRECTORY": "/var/lib/a"}, "{here}/own.db", id="relative to the file"),
        pytest.param("sqlite:///../own.db", {}, "{up}/own.db", id="above the file"),
        pytest.param("sqlite:////srv/own.db", {}, "/srv/own.db", id="absolute"),
    ],
)
def test_the_state_database_has_one_address(tmp_path, url, environ, expected):
    settings = read(tmp_path, SECRETS | environ, state={"url": f'"{url}"'})

    assert settings.state_url == "sqlite:///" + expected.format(here=tmp_path, up=tmp_path.parent)


def test_rule_files_come_in_the_order_of_the_patterns_and_each_once(tmp_path):
    path = write(tmp_path, service_text({"pathways": {"files": '["pathways/b.toml", "pathways/*.toml"]'}}), a="", b="")

    files = load_settings(path, SECRETS).pathway_files

    assert [file.name for file in files] == ["b.toml", "a.toml"]


def test_an_absolute_pattern_is_taken_as_it_is(tmp_path):
    changes = {"pathways": {"files": f'["{tmp_path}/pathways/*.toml"]'}}

    assert read(tmp_path, **changes).pathway_files == (tmp_path / "pathways" / "mcd.toml",)


def test_a_hidden_file_is_no_rule_file_whatever_it_holds_or_leads_to(tmp_path):
    """Emacs locks the file that it has open by a link to nowhere, `.#mcd.toml`; Vim and macOS leave others."""
    path = write(tmp_path, service_text({"pathways": {"files": '["p*/**/*.toml"]'}}), mcd="")
    (tmp_path / "pathways" / ".#mcd.toml").symlink_to("ada@host.example.edu.4711:1700000000")
    (tmp_path / "pathways" / "._mcd.toml").write_text("no rules")
    (tmp_path / "pathways" / "..held").mkdir()
    (tmp_path / "pathways" / "..held" / "mcd.toml").write_text("no rules")

    assert load_settings(path, SECRETS).pathway_files == (tmp_path / "pathways" / "mcd.toml",)


@pytest.mark.parametrize("pattern", [".rules/mcd.toml", ".r*/*.toml", "../{here}/.rules/*.toml", ".rules/.m*.toml"])
def test_a_pattern_that_says_the_dot_finds_hidden_files(pattern, tmp_path):
    path = write(tmp_path, service_text({"pathways": {"files": f'["{pattern.format(here=tmp_path.name)}"]'}}))
    name = ".mcd.toml" if ".m*" in pattern else "mcd.toml"
    (tmp_path / ".rules").mkdir()
    (tmp_path / ".rules" / name).write_text("")

    assert load_settings(path, SECRETS).pathway_files == (tmp_path / ".rules" / name,)


def test_a_relative_path_to_the_file_gives_absolute_ones(tmp_path, monkeypatch):
    """The daemon may change its directory later."""
    write(tmp_path, service_text({}))
    monkeypatch.chdir(tmp_path)

    settings = load_settings(Path("d2l-sync.toml"), SECRETS)

    assert settings.source == tmp_path / "d2l-sync.toml"
    assert settings.pathway_files == (tmp_path / "pathways" / "mcd.toml",)


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path):
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + service_text({}).replace("\n", "\r\n").encode())

    assert load(path, SECRETS)[0].brightspace.client_id == "client-1"


def refused(_path):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


class TestTheSearch:
    @pytest.fixture
    def elsewhere(self, tmp_path, monkeypatch):
        """Work where a configuration is, with another file beside it."""
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "d2l-sync.toml").touch()
        (tmp_path / "other.toml").touch()
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_the_option_comes_first(self, elsewhere):
        found = find_configuration(elsewhere / "other.toml", {"D2L_SYNC_CONFIG": "config/d2l-sync.toml"})

        assert found == elsewhere / "other.toml"

    def test_then_the_variable(self, elsewhere):
        assert find_configuration(None, {"D2L_SYNC_CONFIG": "other.toml"}) == Path("other.toml")

    def test_then_the_working_directory(self, elsewhere):
        assert find_configuration(None, {}) == Path("config/d2l-sync.toml")

    @pytest.mark.parametrize(
        ("explicit", "environ", "how"),
        [(Path("gone.toml"), {}, "--config"), (None, {"D2L_SYNC_CONFIG": "gone.toml"}, "$D2L_SYNC_CONFIG")],
        ids=["option", "variable"],
    )
    def test_a_file_that_was_named_is_not_replaced_by_another(self, elsewhere, explicit, environ, how):
        with pytest.raises(ConfigError, match=r"gone\.toml") as caught:
            find_configuration(explicit, environ)

        assert how in str(caught.value)

    def test_a_file_that_this_user_may_not_even_see_is_a_fault_with_a_way_out(self, monkeypatch):
        """Whoever is neither root nor the service's user, and types the first command."""
        monkeypatch.setattr(Path, "is_file", refused)

        with pytest.raises(ConfigError, match=r"Permission denied.*sudo"):
            find_configuration(None, {})

    def test_the_file_of_the_machine_is_named_where_the_folder_has_one_too(self, elsewhere, monkeypatch):
        """Such as in a checkout, where whoever has just installed from it stands."""
        of_folder, of_machine = Path("config/d2l-sync.toml"), elsewhere / "other.toml"
        monkeypatch.setattr("d2l_sync.configuration.settings.SEARCHED", (of_folder, of_machine))

        assert passed_over(None, {}) == of_machine
        assert passed_over(of_folder, {}) is None
        assert passed_over(None, {"D2L_SYNC_CONFIG": "other.toml"}) is None

    def test_finding_none_names_every_place(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("d2l_sync.configuration.settings.SEARCHED", (Path("a/x.toml"), Path("/nowhere/x.toml")))

        with pytest.raises(ConfigError) as caught:
            find_configuration(None, {})

        assert "--config, $D2L_SYNC_CONFIG, ./a/x.toml, /nowhere/x.toml" in str(caught.value)
        assert caught.value.exit_code == 78

"""Secrets: three places, the first hit wins, and no value in any message."""

import pytest

from d2l_sync.configuration import load, load_settings
from d2l_sync.domain.errors import ConfigError
from tests.configuration.files import SECRETS, faults_of, service_text, write

NAME = "brightspace_client_secret"
OTHERS = {"D2L_SYNC_BADGING_CLIENT_SECRET": "pretended-3"}
UNSEEN = "a second line, or characters that can't be seen (the secret alone, on one line)"


@pytest.fixture
def credentials(tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    return folder


def own_file(folder, text="from the file\n", mode=0o600):
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return {"brightspace": {f"{NAME}_file": '"secret"'}}


def test_the_credentials_directory_comes_first(tmp_path, credentials):
    path = write(tmp_path, service_text(own_file(tmp_path)))
    (credentials / NAME).write_text("from systemd\n", encoding="utf-8")

    settings = load_settings(path, SECRETS | {"CREDENTIALS_DIRECTORY": str(credentials)})

    assert settings.brightspace.client_secret == "from systemd"
    assert "from systemd" in settings.secrets
    assert "pretended-1" not in settings.secrets


def test_then_the_environment(tmp_path, credentials):
    path = write(tmp_path, service_text(own_file(tmp_path)))

    settings = load_settings(path, SECRETS | {"CREDENTIALS_DIRECTORY": str(credentials)})

    assert settings.brightspace.client_secret == "pretended-1"


def test_an_empty_credential_is_none(tmp_path, credentials):
    """The unit names every secret there is, and systemd makes an empty line of those that a site does not have."""
    (credentials / NAME).write_text("\n", encoding="utf-8")
    path = write(tmp_path, service_text(own_file(tmp_path)))

    settings = load_settings(path, OTHERS | {"CREDENTIALS_DIRECTORY": str(credentials)})

    assert settings.brightspace.client_secret == "from the file"


def test_then_the_file_that_the_section_names(tmp_path):
    path = write(tmp_path, service_text(own_file(tmp_path, "two words \r\n\n")))

    settings = load_settings(path, OTHERS)

    assert settings.brightspace.client_secret == "two words "


def test_an_empty_variable_is_none(tmp_path):
    path = write(tmp_path, service_text(own_file(tmp_path)))

    settings = load_settings(path, OTHERS | {"D2L_SYNC_BRIGHTSPACE_CLIENT_SECRET": ""})

    assert settings.brightspace.client_secret == "from the file"


def test_every_secret_is_known_to_whoever_blanks_logs(tmp_path):
    path = write(tmp_path, service_text({}))
    more = {"D2L_SYNC_STATE_PASSWORD": "pretended-5", "D2L_SYNC_BADGING_API_KEY": "pretended-6"}

    settings = load_settings(path, SECRETS | more)

    assert settings.secrets == {*SECRETS.values(), *more.values()}


def test_no_secret_shows_when_settings_are_printed(tmp_path):
    settings = load(write(tmp_path, service_text({})), SECRETS)[0]

    assert "pretended" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        pytest.param({}, ["brightspace_client_secret", "badging_client_secret"], id="the usual"),
        pytest.param(
            {"brightspace": {"auth": '"client_credentials"', "key_id": '"key-1"'}},
            ["brightspace_private_key", "badging_client_secret"],
            id="client credentials",
        ),
        pytest.param(
            {"badging": {"client_id": None, "username": '"ada"'}},
            ["brightspace_client_secret", "badging_password"],
            id="password grant",
        ),
    ],
)
def test_a_missing_secret_names_the_three_places(tmp_path, changes, missing):
    path = write(tmp_path, service_text(changes))

    assert faults_of(path, {}) == [
        f"d2l-sync.toml: {name}: is missing (give it as $CREDENTIALS_DIRECTORY/{name}, $D2L_SYNC_{name.upper()},"
        f" or the file named by {name}_file in [{name.split('_')[0]}])"
        for name in missing
    ]


@pytest.mark.parametrize(
    ("text", "mode", "fault"),
    [
        pytest.param("s", 0o644, "secret is open to every user (chmod 600 secret)", id="readable for everybody"),
        pytest.param("s", 0o602, "secret is open to every user (chmod 600 secret)", id="writable for everybody"),
        pytest.param("a\nb", 0o600, f"secret has {UNSEEN}", id="two lines"),
        pytest.param("s\x00", 0o600, f"secret has {UNSEEN}", id="a zero byte"),
        pytest.param("\ufeffs", 0o600, f"secret has {UNSEEN}", id="an editor's mark"),
        pytest.param("\n", 0o600, "secret is empty (a file with the secret as text)", id="empty"),
    ],
)
def test_a_secret_file_must_hold_a_secret_and_keep_it(tmp_path, text, mode, fault):
    path = write(tmp_path, service_text(own_file(tmp_path, text, mode)))

    assert faults_of(path, OTHERS) == [f"d2l-sync.toml: brightspace.{NAME}_file: {fault}"]


def test_a_group_may_read_a_secret_file(tmp_path):
    """The service's group often does, while root owns the file."""
    path = write(tmp_path, service_text(own_file(tmp_path, mode=0o640)))

    assert load_settings(path, OTHERS).brightspace.client_secret == "from the file"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        pytest.param('"gone"', "gone cannot be read: No such file or directory", id="gone"),
        pytest.param('"."', ". cannot be read: Is a directory", id="a directory"),
        pytest.param("7", "is a whole number (text in quotes)", id="no text"),
        pytest.param('"-----BEGIN KEY"', "holds the secret itself", id="the secret"),
    ],
)
def test_a_secret_file_must_be_a_file(tmp_path, value, fault):
    tmp_path.chmod(0o755)
    path = write(tmp_path, service_text({"brightspace": {f"{NAME}_file": value}}))

    found = [one.replace(str(tmp_path), ".") for one in faults_of(path, OTHERS)]

    assert found[0].startswith(f"d2l-sync.toml: brightspace.{NAME}_file: {fault}")


@pytest.mark.parametrize("first", ["", "# made for d2l-sync\n", "Bag Attributes\n    friendlyName: d2l-sync\n"])
def test_a_private_key_has_lines_and_may_have_some_before_it(first, tmp_path):
    """OpenSSL writes bag attributes before a key that it takes out of a PKCS #12 file."""
    key = f"{first}-----BEGIN PRIVATE KEY-----\ncHJldGVuZGVk\n-----END PRIVATE KEY-----"
    path = write(tmp_path, service_text({"brightspace": {"brightspace_private_key_file": '"key"'}}))
    (tmp_path / "key").write_text(f"{key}\n", encoding="utf-8")
    (tmp_path / "key").chmod(0o600)

    settings = load_settings(path, OTHERS | {"D2L_SYNC_BRIGHTSPACE_CLIENT_SECRET": "pretended-1"})

    assert settings.brightspace.private_key == key


def test_a_file_of_bytes_is_no_secret(tmp_path):
    path = write(tmp_path, service_text(own_file(tmp_path)))
    (tmp_path / "secret").write_bytes(b"\xff\xfe")

    assert faults_of(path, OTHERS) == [
        f"d2l-sync.toml: brightspace.{NAME}_file: secret is not UTF-8 text (a file with the secret as text)"
    ]


def test_a_secret_in_the_service_file_is_refused_without_repeating_it(tmp_path):
    path = write(
        tmp_path, service_text({"brightspace": {"client_secret": '"hunter2"'}, "state": {"password": '"xyz"'}})
    )

    with pytest.raises(ConfigError, match="secrets are never in this file") as caught:
        load(path, SECRETS)

    assert len(caught.value.faults) == 2
    assert "hunter2" not in str(caught.value)
    assert "xyz" not in str(caught.value)


def test_commands_that_reach_no_other_system_need_no_secrets(tmp_path):
    path = write(tmp_path, service_text({"brightspace": {f"{NAME}_file": '"gone"'}}))

    settings, pathways = load(path, {}, secrets_required=False)

    assert settings.brightspace.client_secret == ""
    assert len(pathways) == 1

"""[mail]: off without a host; with one, every fault at once."""

from datetime import timedelta

import pytest

from d2l_sync.configuration import load_settings
from d2l_sync.domain.settings import MailSettings
from tests.configuration.files import SECRETS, faults_of, service_text, write

GOOD = {"host": '"smtp.example.edu"', "from": '"badges@example.edu"', "to": '["staff@example.edu"]'}
INSTEAD = 'an address, such as "badges@example.edu"'


def file(folder, **keys):
    return write(folder, service_text({"mail": keys}))


def test_no_mail_is_the_default(tmp_path):
    assert load_settings(file(tmp_path), SECRETS).mail == MailSettings()


def test_a_mail_server_is_read_with_its_password(tmp_path):
    path = file(tmp_path, **GOOD, username='"badges"', every='"2d"')

    settings = load_settings(path, SECRETS | {"D2L_SYNC_MAIL_PASSWORD": "pretended-5"})

    assert settings.mail == MailSettings(
        host="smtp.example.edu",
        username="badges",
        sender="badges@example.edu",
        recipients=("staff@example.edu",),
        every=timedelta(days=2),
        password="pretended-5",
    )
    assert "pretended-5" in settings.secrets
    assert "pretended-5" not in repr(settings)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"from": None}, f"mail.from: is missing ({INSTEAD})"),
        ({"from": '"badges"'}, f"mail.from: is no address ({INSTEAD})"),
        ({"to": None}, 'mail.to: is missing (a list of addresses, such as ["programme@example.edu"])'),
        ({"to": "[]"}, 'mail.to: is missing (a list of addresses, such as ["programme@example.edu"])'),
        ({"to": '["staff"]'}, f"mail.to: holds what is no address ({INSTEAD})"),
        ({"to": '"staff@example.edu"'}, "mail.to: is text (a list of texts in quotes, in [ ])"),
        (
            {"host": '"smtp://x:25"'},
            'mail.host: is no host (a name without port and protocol, such as "smtp.example.edu")',
        ),
        (
            {"host": '"smtp..example.edu"'},
            'mail.host: is no host (a name without port and protocol, such as "smtp.example.edu")',
        ),
        ({"security": '"ssl"'}, "mail.security: 'ssl' is not known"),
        ({"port": "0"}, "mail.port: 0 is out of range"),
        ({"every": '"0d"'}, "mail.every: '0d' is no time at all"),
        ({"password": '"x"'}, "mail.password: is not known here (secrets are never in this file"),
        ({"username": '"badges"'}, "mail_password: is missing"),
        (
            {"security": '"none"', "username": '"badges"', "mail_password_file": '"secret"'},
            "mail.security: 'none' would send the password in the clear ('starttls' or 'tls')",
        ),
    ],
)
def test_a_fault_names_its_key_and_what_would_be_right(tmp_path, keys, fault):
    (tmp_path / "secret").write_text("pretended-5\n", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)

    (found,) = faults_of(file(tmp_path, **(GOOD | keys)))

    assert fault in found


def test_all_faults_are_told_at_once(tmp_path):
    assert len(faults_of(file(tmp_path, host='"smtp.example.edu"', port='"x"', sender='"?"'))) == 4

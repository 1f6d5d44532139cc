"""[health]: the address of a dead man's switch is a secret like all others."""

import pytest

from d2l_sync.configuration import load_settings
from tests.configuration.files import SECRETS, faults_of, service_text, write

ADDRESS = "https://watch.example.edu/ping/a-secret-place"


def test_no_switch_is_the_default(tmp_path):
    assert load_settings(write(tmp_path, service_text({})), SECRETS).health_ping_url == ""


def test_the_address_is_kept_out_of_sight(tmp_path):
    path = write(tmp_path, service_text({"health": {}}))

    settings = load_settings(path, SECRETS | {"D2L_SYNC_HEALTH_PING_URL": ADDRESS})

    assert settings.health_ping_url == ADDRESS
    assert ADDRESS in settings.secrets
    assert "a-secret-place" not in repr(settings)


def test_the_address_may_stand_in_a_file(tmp_path):
    (tmp_path / "ping").write_text(f"{ADDRESS}\n", encoding="utf-8")
    (tmp_path / "ping").chmod(0o600)

    path = write(tmp_path, service_text({"health": {"health_ping_url_file": f'"{tmp_path}/ping"'}}))

    assert load_settings(path, SECRETS).health_ping_url == ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("a-secret-place", id="no address"),
        pytest.param("http://watch.example.edu/a-secret-place", id="in the clear"),
        pytest.param("https://a-secret-place@watch.example.edu/", id="with a user"),
    ],
)
def test_what_is_no_address_is_a_fault_that_does_not_show_it(tmp_path, address):
    path = write(tmp_path, service_text({"health": {}}))

    (fault,) = faults_of(path, SECRETS | {"D2L_SYNC_HEALTH_PING_URL": address})

    assert "health_ping_url" in fault
    assert "a-secret-place" not in fault

"""The sandbox as a program of its own."""

import socket
import tomllib

import pytest
import requests

from d2l_sync.sandbox.handle import ControlRefused
from d2l_sync.sandbox.in_process import Sandbox
from d2l_sync.sandbox.remote import SandboxProcess


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox"), learners=60, seed=3) as running:
        yield running


def test_it_looks_up_no_name_to_come_up(monkeypatch):
    """That takes many seconds where no resolver answers."""
    asked = []
    for name in ("getfqdn", "gethostbyaddr", "gethostbyname"):
        monkeypatch.setattr(socket, name, lambda *given: asked.append(given))

    with Sandbox(learners=1) as sandbox:
        assert sandbox.expected()["learners"] == 1

    assert asked == []


def test_it_answers_on_every_address(process):
    answers = [requests.get(f"{each}/_control/", timeout=60) for each in vars_of(process.addresses)]

    assert [each.status_code for each in answers] == [200] * 4


def test_it_is_controlled_as_one_in_this_process_is(process):
    assert process.control("learners", kind="exactly 80")[0]["earns"] == ["level-1"]


def test_a_wrong_verb_is_refused_by_name(process):
    with pytest.raises(ControlRefused, match="no verb 'enroll'"):
        process.control("enroll")


def test_a_wrong_argument_is_refused_by_name(process):
    with pytest.raises(ControlRefused, match="unexpected keyword argument 'usr'"):
        process.control("withdraw", user=1, usr=1)


def test_it_writes_a_configuration_that_points_at_itself(process):
    service = tomllib.loads(process.configuration.read_text())

    assert service["brightspace"]["url"] == process.addresses.brightspace
    assert service["brightspace"]["token_url"] == process.addresses.token_url
    assert service["badging"]["url"] == process.addresses.badgr


def test_its_configuration_may_use_client_credentials():
    with SandboxProcess(learners=1, auth="client_credentials") as running:
        service = tomllib.loads(running.configuration.read_text())

    assert service["brightspace"]["auth"] == "client_credentials"


def test_its_temporary_place_goes_with_it():
    with SandboxProcess(learners=1) as running:
        place = running.directory
        assert place.is_dir()

    assert not place.exists()


def test_it_says_when_it_cannot_start(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with pytest.raises(RuntimeError, match="did not start"):
        SandboxProcess(in_the_way, learners=1)


def test_it_ends_when_its_parent_lets_go():
    running = SandboxProcess()
    address = running.addresses.badgr

    running.stop()

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}/health", timeout=60)


def vars_of(addresses):
    return [addresses.brightspace, addresses.auth, addresses.badgr, addresses.elsewhere]

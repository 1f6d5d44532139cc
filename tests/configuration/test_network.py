"""Whom to trust and by which proxy to go stands in the environment, and is looked at before anything is asked."""

import pytest

from d2l_sync.configuration import load
from tests.certificates import Authority
from tests.configuration.files import SECRETS, faults_of, service_text, write

BUNDLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
FORM = "http://proxy.example.edu:3128, with user:password@ before the host where it wants them"


@pytest.fixture
def file(tmp_path):
    return write(tmp_path, service_text({}))


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_that_is_not_there_is_a_fault(file, name):
    faults = faults_of(file, SECRETS | {name: "/nowhere/ca.pem"})

    instead = "a file of certificates in PEM form, or unset"
    assert faults == [f"${name}: /nowhere/ca.pem cannot be read: No such file or directory ({instead})"]


def test_a_bundle_without_certificates_is_a_fault(file, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing of the kind\n", encoding="ascii")

    (fault,) = faults_of(file, SECRETS | {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})

    assert "holds no certificates that can be read" in fault


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_or_a_folder_of_certificates_is_none(file, tmp_path, name):
    for value in (Authority(tmp_path).bundle, tmp_path):
        load(file, SECRETS | {name: str(value)})


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("value", "what"),
    [
        pytest.param("ftp://canary:canary@proxy.example.edu", "is no address of a proxy", id="another protocol"),
        pytest.param("http://canary@proxy.example.edu:port", "is no address of a proxy", id="no port"),
        pytest.param("http://", "is no address of a proxy", id="no host"),
        pytest.param("http://[::1", "is no address of a proxy", id="half an address"),
        pytest.param("canary:canary@proxy..example.edu", "is no address of a proxy", id="no name"),
        pytest.param("socks5h://canary@proxy", "names a SOCKS proxy, which this program can't use", id="socks"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_a_fault_that_does_not_show_it(file, name, value, what):
    assert faults_of(file, SECRETS | {name: value}) == [f"${name}: {what} ({FORM})"]


@pytest.mark.parametrize("value", ["", "proxy:3128", "http://ada:pretended@proxy.example.edu:3128", "https://[::1]:1"])
def test_a_proxy_that_can_be_used_is_none(file, value):
    load(file, SECRETS | {"HTTPS_PROXY": value})


def test_commands_that_ask_nobody_do_without(file):
    load(file, {"HTTPS_PROXY": "ftp://proxy", "SSL_CERT_FILE": "/nowhere"}, secrets_required=False)

"""A token goes to one host, by links as well as by requests."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from d2l_sync.brightspace.origin import Origin, PinnedBearer
from d2l_sync.domain.errors import SourceRefused

HERE = Origin("https", "courses.example.edu", 443)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://elsewhere.example.edu/d2l/api/", id="another host"),
        pytest.param("http://courses.example.edu/d2l/api/", id="another scheme"),
        pytest.param("https://courses.example.edu:8443/d2l/api/", id="another port"),
        pytest.param("https://courses.example.edu.evil.example.com/d2l/api/", id="a longer name"),
    ],
)
def test_a_request_to_anywhere_else_gets_no_token(url):
    request = requests.Request("GET", url).prepare()

    with pytest.raises(SourceRefused, match="another host"):
        PinnedBearer(HERE, "canary")(request)

    assert "Authorization" not in request.headers


def test_a_request_to_this_host_gets_the_token():
    request = PinnedBearer(HERE, "access-1")(requests.Request("GET", HERE.url("/d2l/api/versions/")).prepare())

    assert request.headers["Authorization"] == "Bearer access-1"


@given(st.text(alphabet="/\\.:@%?#[]htps-d2lapie\r\n\t 0x", max_size=60))
def test_no_link_leads_away_from_the_api(link):
    seen_at = HERE.url("/d2l/api/le/1.82/7/things/")
    try:
        pinned = HERE.pin(link, seen_at=seen_at)
    except SourceRefused:
        return

    assert pinned.startswith("/d2l/api/")
    assert "\\" not in pinned
    assert ".." not in pinned.partition("?")[0].split("/")
    assert pinned.isprintable()

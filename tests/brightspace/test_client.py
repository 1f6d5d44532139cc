"""What the client makes of statuses, bodies and trouble on the wire."""

import gzip
import threading
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email.utils import formatdate

import pytest
import requests
from urllib3.exceptions import LocationParseError

from d2l_sync import session
from d2l_sync.brightspace import client as client_module
from d2l_sync.brightspace import meter, wire
from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.routes import VERSIONS, Route
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Usage
from d2l_sync.domain.settings import BrightspaceSettings
from tests.brightspace.conftest import TOKEN, Tokens
from tests.brightspace.loopback import Answer, loopback, resets, says

PATH = "/d2l/api/le/1.82/7/things/"
ROUTE = Route(PATH, "some:scope:read")
HTML = Answer(200, b"<html>Log in, canary-body</html>", {"Content-Type": "text/html"})


def test_decimals_stay_what_was_written(server, client):
    server.on(PATH, Answer(200, b'{"Score": 33.333333333, "Whole": 10.0}'))

    assert client.get(ROUTE) == {"Score": Decimal("33.333333333"), "Whole": Decimal("10.0")}


def test_the_token_and_our_name_are_sent(server, client):
    server.on(PATH, says([]))

    client.get(ROUTE)

    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}-0"
    assert server.asked[0].headers["User-Agent"].startswith("d2l-sync/")


def test_versions_are_asked_for_without_a_token(server, client):
    server.on(VERSIONS.path, says([]))

    client.get(VERSIONS)

    assert "Authorization" not in server.asked[0].headers


def test_a_netrc_entry_replaces_no_token(server, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on(PATH, says([]))
    server.on(VERSIONS.path, says([]))

    client.get(ROUTE)
    client.get(VERSIONS)

    assert [one.headers.get("Authorization") for one in server.asked] == [f"Bearer {TOKEN}-0", None]


def test_cookies_are_not_kept(server, client):
    """With a session cookie Brightspace answers as to a browser."""
    server.on(PATH, says([], Set_Cookie="d2lSessionVal=1; Path=/"))

    client.get(ROUTE)
    client.get(ROUTE)

    assert "Cookie" not in server.asked[1].headers


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Answer(500), id="500 without a body"),
        pytest.param(Answer(502, b"<html>Bad gateway"), id="502 as a page"),
        pytest.param(Answer(503, b"{}", {"Retry-After": "1"}), id="503 asking to wait"),
        pytest.param(Answer(429, b"", {"Retry-After": "2"}), id="429"),
        pytest.param(Answer(403, b"", {"Retry-After": "2"}), id="403 asking to wait"),
        pytest.param(resets(), id="a reset"),
        pytest.param(Answer(200, b'{"Objects": [1', declared=500), id="a truncated body"),
        pytest.param(Answer(200, b'{"Objects": [1'), id="half a body"),
        pytest.param(HTML, id="a login page"),
        pytest.param(Answer(200, b""), id="nothing"),
        pytest.param(Answer(200, b"[NaN]"), id="a number that is none"),
        pytest.param(Answer(200, b"[" + b"1," * 1_000_001 + b"1]"), id="more than is read"),
        pytest.param(Answer(200, b'{"Items": [1], "Items": []}'), id="a member that is there twice"),
        pytest.param(Answer(200, b"[" * 200_000), id="a hole without end"),
        pytest.param(Answer(200, b"\xff\xfe\x00"), id="no text at all"),
        pytest.param(Answer(200, b"junk", {"Content-Encoding": "gzip"}), id="wrongly compressed"),
    ],
)
class TestTrouble:
    def test_what_may_pass_is_asked_again(self, server, client, trouble):
        server.on(PATH, trouble, trouble, says([1]))

        assert client.get(ROUTE) == [1]

    def test_what_stays_is_unavailable_and_quotes_nothing(self, server, client, trouble):
        server.on(PATH, trouble)

        with pytest.raises(SourceUnavailable) as raised:
            client.get(ROUTE)

        assert len(server.asked) == 3
        shown = f"{raised.value!r} {raised.value.hint}"
        assert "127.0.0.1" not in shown
        assert "canary" not in shown


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"type": "http://x", "title": "Forbidden", "status": 403}', id="problem JSON"),
        pytest.param(b'{"Errors": [{"Message": "Not authorized"}]}', id="a list of errors"),
        pytest.param(b'{ Errors: [ {Message: "Forbidden"} ] }', id="no valid JSON"),
        pytest.param(b"Timestamp out of range", id="plain text"),
        pytest.param(b"<html><h1>403</h1></html>", id="a page"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 405, 410])
def test_a_refusal_keeps_its_status_whatever_its_body(server, client, status, body):
    server.on(PATH, Answer(status, body))

    with pytest.raises(SourceRefused) as refused:
        client.get(ROUTE)

    assert refused.value.status == status
    assert refused.value.hint
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    [b'{"Errors":[{"Message":"Insufficient scope to call"}]}', b"<p>INSUFFICIENT SCOPE to call x</p>"],
    ids=["JSON", "page"],
)
def test_a_missing_scope_is_named(server, client, body):
    server.on(PATH, Answer(403, body))

    with pytest.raises(SourceRefused) as refused:
        client.get(ROUTE)

    assert "some:scope:read" in refused.value.hint


def test_a_rejected_token_is_replaced_once(server, client, tokens):
    server.on(PATH, Answer(401), says([1]))

    assert client.get(ROUTE) == [1]
    assert [one.headers["Authorization"] for one in server.asked] == [f"Bearer {TOKEN}-0", f"Bearer {TOKEN}-1"]


def test_a_rejected_new_token_needs_a_person(server, client, tokens):
    server.on(PATH, Answer(401, b'{"title": "Unauthorized"}'))

    with pytest.raises(TokenRefused):
        client.get(ROUTE)

    assert (len(server.asked), tokens.calls) == (2, 1)


@pytest.mark.parametrize(
    ("auth", "command"), [("refresh_token", "d2l-sync auth login"), ("client_credentials", "d2l-sync check")]
)
@pytest.mark.parametrize("answer", [Answer(401), Answer(403, b"Insufficient scope to call")], ids=["401", "403"])
def test_whoever_signs_in_nowhere_is_not_told_to(server, settings, tokens, auth, command, answer):
    server.on(PATH, answer)
    client = Client(replace(settings, auth=auth), tokens)

    with pytest.raises((TokenRefused, SourceRefused)) as refused:
        client.get(ROUTE)

    assert command in refused.value.hint
    client.close()


def test_a_redirect_to_another_host_is_refused_and_the_token_stays_here(server, client):
    with loopback() as elsewhere:
        server.on(PATH, Answer(302, b"", {"Location": f"{elsewhere.url}{PATH}"}))

        with pytest.raises(SourceRefused, match="a redirect to another host was refused") as refused:
            client.get(ROUTE)

    assert refused.value.status == 0
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "location", ["/d2l/login?target=x", "/d2l/api/../login", "\\\\elsewhere.example", "http://[::1"]
)
def test_a_redirect_away_from_the_api_is_refused(server, client, location):
    server.on(PATH, Answer(302, b"", {"Location": location}))

    with pytest.raises(SourceRefused) as refused:
        client.get(ROUTE)

    assert refused.value.status == 0


def test_a_redirect_within_the_api_is_followed(server, client):
    server.on(PATH, Answer(307, b"", {"Location": "/d2l/api/le/1.82/7/others/"}))
    server.on("/d2l/api/le/1.82/7/others/", says([1]))

    assert client.get(ROUTE) == [1]


def test_a_redirect_in_a_circle_ends(server, client):
    server.on(PATH, Answer(302, b"", {"Location": PATH}))

    with pytest.raises(SourceUnavailable, match="circle"):
        client.get(ROUTE)


def test_a_redirect_to_nowhere_is_unavailable(server, client):
    server.on(PATH, Answer(302))

    with pytest.raises(SourceUnavailable):
        client.get(ROUTE)


def test_a_slow_answer_is_a_time_out_and_is_told_without_an_address(server, settings, patience, monkeypatch):
    monkeypatch.setattr(client_module, "TIMEOUTS", (0.2, 0.2))
    released = threading.Event()
    server.on(PATH, lambda _: (released.wait(60), says([]))[1])

    with pytest.raises(SourceUnavailable, match="no answer in time") as raised:
        Client(settings, Tokens(), stop=patience).get(ROUTE)

    released.set()
    assert "127.0.0.1" not in str(raised.value)


def test_a_time_out_that_took_long_is_not_repeated(server, settings, patience, monkeypatch):
    """An outage of slow answers must not hold a pass for minutes."""
    monkeypatch.setattr(client_module, "BUSY_S", 0.05)

    def slowly(_):
        time.sleep(0.1)
        return Answer(500)

    server.on(PATH, slowly)

    with pytest.raises(SourceUnavailable):
        Client(settings, Tokens(), stop=patience).get(ROUTE)

    assert len(server.asked) == 1


def test_an_answer_that_drips_is_cut_off(settings, server, client, monkeypatch):
    monkeypatch.setattr(client_module, "DEADLINE_S", -1.0)
    server.on(PATH, says([1]))

    with pytest.raises(SourceUnavailable, match="too long"):
        client.get(ROUTE)


def test_an_answer_that_swells_when_unpacked_is_cut_off(server, client, monkeypatch):
    monkeypatch.setattr(wire, "LARGEST", 2**20)
    server.on(PATH, Answer(200, gzip.compress(b" " * 2**22), {"Content-Encoding": "gzip"}))

    with pytest.raises(SourceUnavailable, match="larger"):
        client.get(ROUTE)


def test_a_compressed_answer_is_read(server, client):
    server.on(PATH, Answer(200, gzip.compress(b"[1, 2]"), {"Content-Encoding": "gzip"}))

    assert client.get(ROUTE) == [1, 2]


def test_nobody_listening_is_unavailable(settings, patience):
    gone = BrightspaceSettings(url="http://127.0.0.1:9", client_id="app-1")

    with pytest.raises(SourceUnavailable, match="refuses the connection"):
        Client(gone, Tokens(), stop=patience).get(ROUTE)


def test_after_a_few_failures_in_a_row_each_call_is_tried_once(server, client):
    server.on(PATH, Answer(500))
    for _ in range(4):
        with pytest.raises(SourceUnavailable):
            client.get(ROUTE)

    assert len(server.asked) == 3 * 3 + 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(resets(), id="no answer"),
        pytest.param(Answer(504), id="a time-out behind it"),
        pytest.param(says({}, 429, Retry_After="1000000000"), id="a wait of years"),
    ],
)
def test_a_server_that_stalls_is_left_alone(server, client, monkeypatch, answer):
    monkeypatch.setattr(session, "MOST_LOST_S", 0.0)
    server.on(PATH, answer)

    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            client.get(ROUTE)
    with pytest.raises(SourceUnavailable, match="left alone"):
        client.post(ROUTE, {})

    assert len(server.asked) == 1


def test_a_success_brings_the_retries_back(server, client):
    server.on(PATH, *[Answer(500)] * 9, says([1]), Answer(500))
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            client.get(ROUTE)
    client.get(ROUTE)

    with pytest.raises(SourceUnavailable):
        client.get(ROUTE)

    assert len(server.asked) == 9 + 1 + 3


def test_a_wait_is_as_long_as_the_server_asks(server, client, patience):
    server.on(PATH, Answer(429, b"", {"Retry-After": "7"}), says([1]))

    client.get(ROUTE)

    assert max(patience.waits) == pytest.approx(7, abs=0.1)


def test_a_wait_of_an_hour_is_left_to_the_next_pass(server, client):
    server.on(PATH, Answer(429, b"", {"Retry-After": "3600"}))

    with pytest.raises(SourceUnavailable) as raised:
        client.get(ROUTE)

    assert raised.value.retry_after_s == 3600
    assert len(server.asked) == 1


def test_the_last_calls_of_a_minute_are_spread(server, client, patience):
    server.on(PATH, says([], X_Rate_Limit_Remaining="40", X_Request_Cost="10", X_Rate_Limit_Reset="20"), says([]))

    client.get(ROUTE)
    client.get(ROUTE)

    assert patience.waits == [pytest.approx(5, abs=0.1)]


def test_what_is_left_of_the_minutes_credits_is_told_as_of_the_last_answer_that_said_so(server, client):
    server.on(PATH, says([]), says([], X_Rate_Limit_Remaining="40000"), says([]))
    told = []

    for _ in range(3):
        client.get(ROUTE)
        told.append(client.credits_left())

    assert told == [None, 40000, 40000]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Rate_Limit_Remaining": "40"},
        {"X_Rate_Limit_Remaining": "40000", "X_Rate_Limit_Reset": "20"},
        {"X_Rate_Limit_Remaining": "few", "X_Rate_Limit_Reset": "soon", "X_Request_Cost": "-1"},
        {"X_Rate_Limit_Remaining": "40000", "X_Rate_Limit_Reset": "20", "X_Request_Cost": "1e300"},
        {"X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "1000000000"},
    ],
    ids=["absent", "half of them", "plenty left", "unreadable", "dearer than the minute", "longer than a minute"],
)
def test_headers_that_ask_for_nothing_hold_nobody_back(server, client, patience, headers):
    server.on(PATH, says([], **headers))

    client.get(ROUTE)
    client.get(ROUTE)

    assert patience.waits == []
    assert client.usage().credits == 20


def test_who_says_for_long_that_nothing_is_left_is_believed_no_longer(server, settings, monkeypatch):
    monkeypatch.setattr(meter, "LONGEST_SPREAD_S", 0.02)
    server.on(PATH, says([], X_Rate_Limit_Remaining="0", X_Rate_Limit_Reset="0.01"))
    waits = []

    class Patient(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            time.sleep(timeout + 0.001)
            return False

    client = Client(settings, Tokens(), stop=Patient())
    for _ in range(9):
        client.get(ROUTE)

    assert len(waits) < 6


@pytest.mark.parametrize(("ahead_s", "told_s"), [(0, 0), (90, 90), (-7200, -7200)])
def test_the_servers_clock_is_compared_with_ours(server, client, ahead_s, told_s):
    began = time.time()
    server.on(PATH, Answer(200, b"[]", {"Date": formatdate(began + ahead_s, usegmt=True)}))

    client.get(ROUTE)

    took = timedelta(seconds=2 + time.time() - began)
    assert client.clock_skew() == pytest.approx(timedelta(seconds=told_s), abs=took)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(requests.exceptions.SSLError("canary: https://courses.example.edu"), id="not secured"),
        pytest.param(OSError("canary: invalid path of a CA certificate bundle"), id="no error of requests"),
        pytest.param(LocationParseError("canary"), id="of a library below"),
    ],
)
def test_whatever_a_request_raises_is_no_answer_and_is_told_without_what_it_quotes(client, monkeypatch, error):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(requests.Session, "get", fails)

    with pytest.raises(SourceUnavailable, match="did not answer") as raised:
        client.get(ROUTE)

    assert "canary" not in str(raised.value)


def test_who_speaks_no_tls_is_named_and_says_what_helps(server, settings, patience):
    """The hint is the adapter's to hand on: without one, people are told to wait for the next pass."""
    settings = replace(settings, url=settings.url.replace("http://", "https://"))

    with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1 speaks no TLS") as raised:
        Client(settings, Tokens(), stop=patience).get(ROUTE)

    assert "scheme and port" in raised.value.hint


def test_calls_and_credits_are_counted(server, client):
    server.on(PATH, says([], X_Request_Cost="25"), says([]), Answer(500), says([]))
    for _ in range(3):
        client.get(ROUTE)

    assert client.usage() == Usage(calls=4, credits=25 + 3 * 10)


def test_requests_for_tokens_count_as_calls(server, client, tokens):
    server.on(PATH, Answer(401), says([]))

    client.get(ROUTE)

    assert client.usage().calls == 3


def test_every_call_is_told_to_whoever_counts(settings, server, patience):
    told = []
    server.on(PATH, resets(), Answer(500), says([]))

    Client(settings, Tokens(), stop=patience, on_call=lambda *call: told.append(call)).get(ROUTE)

    assert told == [("brightspace", 0), ("brightspace", 500), ("brightspace", 200)]


def test_a_call_that_writes_is_told_as_well(settings, server, patience):
    told: list[tuple[str, int]] = []
    server.on(PATH, Answer(403), resets())
    client = Client(settings, Tokens(), stop=patience, on_call=lambda *call: told.append(call))

    client.post(ROUTE, {})
    with pytest.raises(SourceUnavailable):
        client.post(ROUTE, {})

    assert told == [("brightspace", 403), ("brightspace", 0)]


def test_stopping_ends_the_retries(settings, server):
    stop = threading.Event()
    stop.set()
    server.on(PATH, Answer(500))

    with pytest.raises(SourceUnavailable):
        Client(settings, Tokens(), stop=stop).get(ROUTE)

    assert len(server.asked) == 1


def test_nothing_of_a_session_reaches_a_log_line(server, client, capsys):
    server.on(PATH, HTML)

    with pytest.raises(SourceUnavailable):
        client.get(ROUTE)

    shown = "".join(capsys.readouterr())
    assert TOKEN not in shown
    assert "canary" not in shown


def test_an_https_address_with_its_usual_port_is_one_place():
    """A link may spell the port that everybody leaves out."""
    here = Client(BrightspaceSettings(url="https://Courses.example.edu", client_id="app-1"), Tokens())

    pinned = here.pin("https://courses.example.edu:443/d2l/api/le/1.82/7/things/?bookmark=1", seen_at=ROUTE)

    assert pinned == f"{PATH}?bookmark=1"

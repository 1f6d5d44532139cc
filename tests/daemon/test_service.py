"""The service around the worker: signals, the watchdog, reloads and steps of the clock."""

import json
import logging
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import structlog

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.pass_maker import PassMaker
from d2l_sync.daemon.pulse import KEEPER, Pulse
from d2l_sync.daemon.service import Service, turn_now
from d2l_sync.domain.errors import Busy, ConfigError, Fault, StateError, UsageError
from d2l_sync.domain.ports import TokenState
from d2l_sync.domain.service import Node
from d2l_sync.domain.settings import DeliverySettings, ScheduleSettings
from d2l_sync.logbook import LogBook
from d2l_sync.services.pass_log import PassLog
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, no_pass
from d2l_sync.services.resync import Wish, write_wish
from d2l_sync.services.scope import Scope
from d2l_sync.services.standing import standing
from d2l_sync.store.service_state import ServiceState
from d2l_sync.store.state import StateStore
from tests.listener import Listener
from tests.ports import free_port

PATIENCE_S = 60
SEVERAL = 5
A_MOMENT_S = 0.5
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class PretendedApplication:
    """Stands behind the service like the wired one, and makes passes as it is told."""

    def __init__(self, world):
        self.service = world.service
        self.tokens = self.token_store = world.tokens
        self.settings = SimpleNamespace(
            source="d2l-sync.toml",
            state_url=str(world.store.engine.url),
            schedule=ScheduleSettings(every=world.every),
            delivery=DeliverySettings(),
            console_listen=world.listen,
            health_ping_url=world.ping_url,
        )
        self._world = world
        self.shared = SimpleNamespace(pass_log=world.pass_log)

    def live_nodes(self):
        return [one for one in self.service.nodes() if one.name not in self._world.dead]

    def deliver_due(self):
        self._world.delivered += 1

    def last_full_pass_on(self):
        return datetime.now(UTC).date()

    @contextmanager
    def pass_lock(self):
        if self._world.is_locked:
            raise Busy("another pass is running")
        yield

    def sync_pass(self, scope, *, progress=None):
        return SimpleNamespace(run=lambda: self._world.make_pass(scope, progress))

    def standing(self):
        return standing(self._world.store, ())

    def not_ready(self):
        return self._world.fault

    def tidy(self):
        pass

    def digest(self, _memory):
        return None

    def log_book(self):
        return LogBook(self._world.store)


class PretendedTokens:
    """A sign-in that is good."""

    def access_token(self):
        return "pretended"

    def read(self, service):
        return TokenState()


class World:
    """What the service's surroundings do, and everything that was asked of them."""

    def __init__(self, store):
        self.store = store
        self.service = ServiceState(store.engine)
        self.pass_log = PassLog()
        self.fault = None
        self.ping_url = ""
        self.tokens = PretendedTokens()
        self.dead: set[str] = set()
        self.delivered = 0
        self.answers: list[Exception | PassReport] = []
        self.listen = f"127.0.0.1:{free_port()}"
        self.every = timedelta(hours=1)
        self.is_locked = False
        self.faults = None
        self.opened, self.closed = 0, 0
        self.scopes = []
        self.began, self.go_on, self.may_open = threading.Event(), threading.Event(), threading.Event()
        self.go_on.set()
        self.may_open.set()

    def move(self, store):
        """Let the configuration name another database from now on; return how the service stands in it."""
        self.store, self.service = store, ServiceState(store.engine)
        return self.service

    def make_pass(self, scope, progress):
        self.scopes.append(str(scope))
        self.pass_log.under_way = len(self.scopes)
        self.began.set()
        self.go_on.wait(PATIENCE_S)
        progress(1, 1)
        answer = self.answers.pop(0) if self.answers else PassReport(pass_id=len(self.scopes), outcome="complete")
        if isinstance(answer, Exception):
            raise answer
        return answer

    @contextmanager
    def open(self):
        assert self.may_open.wait(PATIENCE_S)
        if self.faults:
            raise ConfigError(self.faults)
        self.opened += 1
        yield PretendedApplication(self)
        self.closed += 1


class Running:
    """A service in a thread, its signals given by hand, its notify socket listened to."""

    def __init__(self, world, *, pulse=None):
        self._signals = []
        self.figures = Figures()
        self.listener = Listener()
        self.hear = self.listener.hear
        self._pause = threading.Event()
        self.turns = 0
        self._others = set(threading.enumerate())
        self.installation = Installation(world.open)
        self.service = Service(
            self.installation,
            started=threading.Event(),
            stop=threading.Event(),
            pulse=pulse or Pulse(),
            figures=self.figures,
            environ={"NOTIFY_SOCKET": self.listener.address, "WATCHDOG_USEC": "1000000"},
            signals=self._next_signal,
        )
        self.has_stopped = None
        self._is_over = False
        self._thread = threading.Thread(target=self._run, args=(self.service,))
        self._thread.start()

    def _run(self, service):
        self.has_stopped = service.run()

    def _next_signal(self, seconds):
        self._pause.wait(min(seconds, 0.05))
        self.turns += 1
        return self._signals.pop(0) if self._signals else None

    def send(self, number):
        self._signals.append(number)

    def reload(self):
        self.send(signal.SIGHUP)
        self.hear("RELOADING=1")
        self.hear("READY=1")

    def is_fed(self):
        """Tell whether the watchdog hears anything while the service might have fed it several times."""
        self.listener.heard()
        enough = self.turns + SEVERAL
        eventually(lambda: self.turns >= enough)
        return "WATCHDOG=1" in self.listener.heard()

    def join(self, seconds=PATIENCE_S):
        """Wait for its end, which somebody has asked for."""
        self._thread.join(seconds)
        return self.has_stopped

    def end(self):
        if self._is_over:
            return self.has_stopped
        self._is_over = True
        self.send(signal.SIGTERM)
        self.join()
        self.installation.close()
        return self.has_stopped

    def is_gone(self):
        """Wait for all that it has begun: what goes on would log into the next test, and keep its database."""
        for thread in set(threading.enumerate()) - self._others - {self.listener.thread}:
            thread.join(PATIENCE_S)
        self.listener.close()


@pytest.fixture
def world(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield World(store)
    store.close()


@pytest.fixture
def elsewhere(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    yield store
    store.close()


@pytest.fixture
def start(world):
    started = []

    def running(**how):
        started.append(Running(world, **how))
        return started[-1]

    yield running
    world.go_on.set()
    world.may_open.set()
    for one in started:
        one.end()
        one.is_gone()
    logging.getLogger("apscheduler").propagate = True


def test_the_service_is_ready_makes_a_pass_says_how_it_stands_and_stops(start, world):
    running = start()

    running.hear("READY=1")
    assert world.began.wait(PATIENCE_S)
    assert running.hear("STATUS=").startswith("STATUS=no complete pass yet; 0 unsent; next pass 20")
    running.hear("WATCHDOG=1")

    assert running.end() is True
    assert world.scopes == ["everything"]
    eventually(lambda: (world.opened, world.closed) == (1, 1))


def test_the_status_line_begins_with_what_a_person_must_do(start, world):
    world.fault = "a person must run auth login: never signed in"

    told = start().hear("STATUS=")

    assert told.startswith(f"STATUS={world.fault}; no complete pass yet; 0 unsent; next pass 20")


def test_a_state_that_cannot_be_used_is_a_figure_too(start, world):
    """Such as a full disk: what is in the database can be read all the while, and nothing is awarded."""
    world.tokens.read = refuse

    running = start()

    eventually(lambda: not running.figures.is_state_well)


def refuse(_service):
    raise StateError("the disk is full")


def test_the_watchdog_is_fed_no_longer_when_the_worker_hangs(start, world):
    """The other threads turn all the while: none of them speaks for the one that does the work."""
    world.go_on.clear()
    clock = SimpleNamespace(now=0.0)
    pulse = Pulse(lambda: clock.now)
    running = start(pulse=pulse)
    assert world.began.wait(PATIENCE_S)
    assert running.is_fed()

    with structlog.testing.capture_logs() as logs:
        clock.now += 1000
        pulse.beat(KEEPER)
        eventually(lambda: stalled(logs)[-1:] == [["worker"]])
        is_fed_while_hanging = running.is_fed()
    world.go_on.set()

    assert not is_fed_while_hanging
    assert all("worker" in threads for threads in stalled(logs))
    running.listener.heard()
    running.hear("WATCHDOG=1")


def stalled(logs):
    """Return which threads were said to hang; the keeper may be among them until the test has it beat."""
    return [one["threads"] for one in logs if one["event"] == "service_stalled"]


def test_the_status_line_says_what_hangs(start, world):
    """Whoever looks at `systemctl status` in the minutes before the watchdog acts is not told that all is well."""
    world.go_on.clear()
    clock = SimpleNamespace(now=0.0)
    pulse = Pulse(lambda: clock.now)
    running = start(pulse=pulse)
    assert world.began.wait(PATIENCE_S)

    clock.now += 1000
    pulse.beat(KEEPER)
    told = running.hear("STATUS=hanging")
    world.go_on.set()

    assert told.split(";")[0] == "STATUS=hanging: worker"


def test_a_good_configuration_takes_over_between_two_passes(start, world):
    world.go_on.clear()
    running = start()
    running.hear("READY=1")
    assert world.began.wait(PATIENCE_S)

    with structlog.testing.capture_logs() as logs:
        world.every = timedelta(seconds=1)
        running.send(signal.SIGHUP)
        running.hear("RELOADING=1\nMONOTONIC_USEC=")
        running.hear("READY=1")
        before = (world.opened, world.closed, len(world.scopes))
        world.began.clear()
        world.go_on.set()
        assert world.began.wait(PATIENCE_S)

    assert before == (2, 0, 1)
    eventually(lambda: world.closed == 1)
    assert [one["event"] for one in logs if one["event"].startswith(("reload", "conf"))] == [
        "reload_accepted",
        "configuration_reloaded",
    ]
    assert running.figures.is_reloaded


def test_a_faulty_configuration_is_refused_with_its_faults_and_the_old_one_goes_on(start, world):
    running = start()
    running.hear("READY=1")
    world.faults = (Fault("d2l-sync.toml:3", "unknown key colour"), Fault("d2l-sync.toml:9", "25:99 is no time"))

    with structlog.testing.capture_logs() as logs:
        running.send(signal.SIGHUP)
        running.hear("RELOADING=1")
        running.hear("READY=1")

    refused = [one["faults"] for one in logs if one["event"] == "reload_refused"]
    assert refused == [["d2l-sync.toml:3: unknown key colour", "d2l-sync.toml:9: 25:99 is no time"]]
    assert (world.opened, world.closed, running.figures.is_reloaded) == (1, 0, False)
    running.hear("WATCHDOG=1")


def test_a_pass_that_reads_when_the_service_is_stopped_is_left_at_the_next_answer(start, world):
    world.go_on.clear()
    running = start()
    assert world.began.wait(PATIENCE_S)

    with structlog.testing.capture_logs() as logs:
        running.send(signal.SIGTERM)
        running.hear("STOPPING=1")
        world.go_on.set()
        has_stopped = running.join()

    assert has_stopped is True
    assert [(one["event"], one.get("pass_id")) for one in logs] == [("pass_interrupted", 1), ("daemon_stopped", None)]


def test_a_second_signal_does_not_wait_for_the_pass(start, world):
    world.go_on.clear()
    running = start()
    assert world.began.wait(PATIENCE_S)

    running.send(signal.SIGTERM)
    has_stopped = running.end()

    assert has_stopped is False


def test_while_another_process_holds_the_lock_the_service_waits_and_goes_on(start, world):
    world.is_locked = True
    world.every = timedelta(seconds=1)
    with structlog.testing.capture_logs() as logs:
        running = start()
        running.hear("READY=1")
        while not [one for one in logs if one["event"] == "pass_skipped"]:
            running.hear("WATCHDOG=1")
        world.is_locked = False
        assert world.began.wait(PATIENCE_S)

    assert running.end() is True


def ask(world, **scope):
    return world.service.ask(write_wish(Wish(Scope(**scope))), by="root", at=NOON, live=())


def ended(world, number):
    """Wait until a request has ended, and return it."""
    eventually(lambda: world.service.request(number).ended_at)
    return world.service.request(number)


def test_a_request_is_served_beside_the_timetable_and_says_how_it_ended(start, world):
    running = start()
    assert world.began.wait(PATIENCE_S)

    request = ended(world, ask(world, badge="level-1"))

    assert world.scopes == ["everything", "badge level-1"]
    assert (request.outcome, request.exit_code, request.pass_id) == ("complete", 0, 2)
    assert json.loads(request.report)["outcome"] == "complete"
    assert running.figures.outcomes == {"complete": 2}


def test_a_request_made_while_no_service_ran_is_served_by_the_first_that_does(start, world):
    number = ask(world, full=True)

    start()

    assert ended(world, number).outcome == "complete"
    eventually(lambda: world.scopes == ["full", "everything"])


def test_a_request_that_a_dead_service_had_taken_is_served_again(start, world):
    number = ask(world)
    world.service.take("a dead node", at=NOON, live=())

    start()

    assert ended(world, number).taken_by != "a dead node"


def test_the_log_names_the_pass_that_served_a_request(start, world):
    with structlog.testing.capture_logs() as logs:
        number = ask(world)
        running = start()
        request = ended(world, number)
        running.end()

    [line] = [one for one in logs if one["event"] == "resync_ended"]
    assert (line["pass_id"], line["request"]) == (request.pass_id, number)
    assert request.pass_id is not None


def test_a_request_that_fits_nobody_ends_as_a_wrong_command_does(start, world):
    running = start()
    eventually(lambda: running.figures.outcomes["complete"] == 1)
    world.answers = [UsageError("no learner fits what was given", hint="give a user id")]

    request = ended(world, ask(world, learner="nobody@example.edu"))

    assert (request.exit_code, request.outcome) == (2, None)
    assert json.loads(request.report)["problems"] == [
        {"what": "no learner fits what was given", "where": "the service", "hint": "give a user id"}
    ]


def test_a_request_that_can_not_be_read_ends_too_and_keeps_nothing_from_being_done(start, world):
    """A newer program beside this one may write what this one does not know."""
    number = world.service.ask('{"org_units": [6601]}', by="root", at=NOON, live=())

    with structlog.testing.capture_logs() as logs:
        start()
        request = ended(world, number)
        assert world.began.wait(PATIENCE_S)

    assert (request.exit_code, request.outcome, world.scopes) == (2, None, ["everything"])
    assert json.loads(request.report)["problems"][0]["what"] == "this version can't read the request"
    assert [one["why"] for one in logs if one["event"] == "resync_ended"] == ["this version can't read the request"]


def test_whatever_happens_to_a_pass_the_next_one_comes(start, world):
    refused = no_pass(Problem("the refresh token is dead", "Brightspace"), 77)
    world.answers = [StateError("the disk is full"), ValueError("a defect"), refused]
    world.every = timedelta(seconds=1)
    with structlog.testing.capture_logs() as logs:
        running = start()
        eventually(lambda: len(world.scopes) >= 4)

    assert running.figures.outcomes["none"] == 3
    assert world.delivered == 1
    assert [one["event"] for one in logs if one["event"] in {"pass_failed", "pass_broke"}] == [
        "pass_failed",
        "pass_broke",
    ]


def test_what_breaks_a_pass_is_told_with_its_number(start, world):
    world.answers = [StateError("the disk is full"), ValueError("a defect")]
    world.every = timedelta(seconds=1)

    with structlog.testing.capture_logs() as logs:
        running = start()
        deadline = time.monotonic() + PATIENCE_S
        while len(world.scopes) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.end()

    told = [(one["event"], one["pass_id"]) for one in logs if one["event"] in {"pass_failed", "pass_broke"}]
    assert told == [("pass_failed", 1), ("pass_broke", 2)]


def test_what_hinders_a_pass_before_it_begins_is_told_without_the_number_of_the_one_before():
    maker = PassMaker(pulse=Pulse(), figures=Figures(), stop=threading.Event())
    log = PassLog(under_way=7)

    def no_pass_at_all(*_, **__):
        raise StateError("the disk is full")

    application: Any = SimpleNamespace(shared=SimpleNamespace(pass_log=log), sync_pass=no_pass_at_all)
    with structlog.testing.capture_logs() as logs:
        maker.make(application, Scope())

    assert [(one["event"], one["pass_id"]) for one in logs] == [("pass_failed", None)]


def test_a_service_is_a_node_for_as_long_as_it_runs(start, world):
    world.service.beat(Node("left behind", "elsewhere", 1, started_at=NOON, beat_at=NOON))
    world.dead = {"left behind"}
    running = start()
    running.hear("READY=1")

    during = world.service.nodes()
    running.end()

    assert [one.process_id for one in during] == [os.getpid()]
    assert world.service.nodes() == []


def test_a_heartbeat_that_is_late_does_not_bring_a_service_back_that_has_left(start, world):
    """Whoever asks would else wait for a service that is not there."""
    beat, is_at_it, go_on, has_beaten = world.service.beat, *(threading.Event() for _ in range(3))
    running = start()
    running.hear("READY=1")

    def late(node):
        is_at_it.set()
        go_on.wait(PATIENCE_S)
        beat(node)
        has_beaten.set()

    world.service.beat = late
    assert is_at_it.wait(PATIENCE_S)
    running.send(signal.SIGTERM)
    eventually(lambda: not answers(world.listen))
    running.join(A_MOMENT_S)
    go_on.set()
    running.end()

    assert has_beaten.wait(PATIENCE_S)
    assert world.service.nodes() == []


def test_the_service_ends_when_its_database_is_another_one_than_it_opened(start, world):
    """It would go on with a file that no command sees; systemd starts it anew, with the one that is there."""
    running = start()
    running.hear("READY=1")

    Path(world.store.engine.url.database).unlink()

    assert running.join() is True
    assert running.service.replaced.exit_code == 74


def eventually(question):
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer


def test_while_a_pass_keeps_a_reload_waiting_it_lives_in_both_databases(start, world, elsewhere):
    """Whoever asks in the new one would else take it for dead."""
    world.go_on.clear()
    running, here, store = start(), world.service, world.store
    running.hear("READY=1")
    assert world.began.wait(PATIENCE_S)

    there = world.move(elsewhere)
    running.reload()
    first = there.nodes()[0].beat_at
    eventually(lambda: there.nodes()[0].beat_at > first)
    world.move(store)
    running.reload()

    eventually(lambda: there.nodes() == [])
    assert [one.process_id for one in here.nodes()] == [os.getpid()]


def test_stopped_while_a_reload_waits_to_take_over_it_leaves_both_databases(start, world, elsewhere):
    world.go_on.clear()
    running, here = start(), world.service
    running.hear("READY=1")
    assert world.began.wait(PATIENCE_S)
    there = world.move(elsewhere)
    running.reload()

    running.send(signal.SIGTERM)
    running.hear("STOPPING=1")
    world.go_on.set()
    assert running.end() is True

    assert (here.nodes(), there.nodes()) == ([], [])


def test_a_reload_that_is_ready_when_the_service_has_stopped_is_refused(start, world, elsewhere):
    running, listen = start(), world.listen
    running.hear("READY=1")
    there = world.move(elsewhere)
    world.may_open.clear()
    running.send(signal.SIGHUP)
    running.hear("RELOADING=1")

    running.send(signal.SIGTERM)
    running.join()
    world.may_open.set()
    eventually(lambda: not running.figures.is_reloaded)

    assert (there.nodes(), answers(listen)) == ([], False)


def test_a_port_that_somebody_else_has_ends_the_start_and_says_so(world):
    host, _, port = world.listen.rpartition(":")
    installation = Installation(world.open)
    started, stop = threading.Event(), threading.Event()
    service = Service(installation, started=started, stop=stop, pulse=Pulse(), figures=Figures(), environ={})

    with socket.create_server((host, int(port))), pytest.raises(ConfigError, match="can't listen on"):
        service.run()

    installation.close()
    assert world.service.nodes() == []


def test_a_reload_moves_to_another_address_or_is_refused_whole(start, world):
    running = start()
    running.hear("READY=1")
    first, second = world.listen, f"127.0.0.1:{free_port()}"

    with socket.create_server(("127.0.0.1", 0)) as taken:
        world.listen = f"127.0.0.1:{taken.getsockname()[1]}"
        running.send(signal.SIGHUP)
        running.hear("READY=1")
    refused = (running.figures.is_reloaded, answers(first))
    world.listen = second
    running.send(signal.SIGHUP)
    running.hear("READY=1")

    assert refused == (False, True)
    assert (running.figures.is_reloaded, answers(first), answers(second)) == (True, False, True)


def answers(listen):
    try:
        return requests.get(f"http://{listen}/healthz", timeout=PATIENCE_S).status_code == 200
    except requests.ConnectionError:
        return False


class PretendedJob:
    def __init__(self):
        self.turns_at = datetime.now(UTC) + timedelta(hours=1)

    def modify(self, *, next_run_time):
        self.turns_at = next_run_time


def test_after_a_step_of_the_clock_every_job_turns_at_once():
    """A clock set an hour back would else let APScheduler rest for that hour."""
    jobs = [PretendedJob(), PretendedJob()]

    turn_now(SimpleNamespace(get_jobs=lambda: jobs))

    assert all(job.turns_at <= datetime.now(UTC) for job in jobs)

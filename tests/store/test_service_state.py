"""Nodes and requests: what the service's processes tell each other."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from d2l_sync.domain.service import Node
from d2l_sync.store.service_state import ServiceState
from tests.store.values import LATER, NOON

ALL, UNIT = '{"badge": null}', '{"org_unit_id": 6601}'


@pytest.fixture
def service(store):
    return ServiceState(store.engine)


def ask(service, scope=ALL, live=(), at=NOON):
    return service.ask(scope, by="root", at=at, live=live)


def test_asking_twice_while_one_waits_is_one(service):
    first, again, other = ask(service), ask(service, at=LATER), ask(service, UNIT)

    assert first == again
    assert [one.request_id for one in service.queued(())] == [first, other]
    assert service.request(first).asked_at == NOON


def test_the_oldest_request_is_taken_once(service):
    first, second = ask(service), ask(service, UNIT)

    taken = [service.take("node", at=LATER, live=["node"]) for _ in range(3)]

    assert [one and one.request_id for one in taken] == [first, second, None]
    assert (taken[0].taken_at, taken[0].taken_by) == (LATER, "node")


def test_asking_while_one_is_served_is_a_new_request(service):
    """What changed since its pass began would else be missed."""
    first = ask(service)
    service.take("node", at=LATER, live=["node"])

    assert ask(service, live=["node"]) != first


def test_what_a_dead_node_had_taken_waits_again(service):
    number = ask(service)
    service.take("dead", at=NOON, live=["dead"])
    service.progress(number, done=3, total=9)

    assert ask(service, live=["alive"]) == number
    again = service.take("alive", at=LATER, live=["alive"])

    assert (again.request_id, again.taken_by, again.done, again.total) == (number, "alive", 0, 0)


def test_a_request_that_has_ended_says_how_and_waits_no_more(service):
    number = ask(service)
    service.take("node", at=NOON, live=())
    service.progress(number, done=3, total=9)
    ending = {"pass_id": 7, "outcome": "partial", "exit_code": 69, "report": "{}"}
    service.finish(number, at=LATER, ending=ending)

    ended = service.request(number)

    assert (ended.done, ended.total, ended.ended_at) == (3, 9, LATER)
    assert {name: getattr(ended, name) for name in ending} == ending
    assert (service.queued(()), service.take("node", at=LATER, live=())) == ([], None)
    assert service.request(99) is None


def test_of_many_who_take_at_once_one_gets_it(service):
    ask(service)
    ready, taken = Barrier(6), []

    def take(name):
        ready.wait()
        taken.append(service.take(name, at=NOON, live=[f"node {n}" for n in range(6)]))

    threads = [Thread(target=take, args=(f"node {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([one for one in taken if one is not None]) == 1


def test_a_node_is_one_row_from_its_start_to_its_end(service):
    node = Node("node", "here", 42, started_at=NOON, beat_at=NOON)
    service.beat(node)
    service.beat(Node("node", "here", 42, started_at=NOON, beat_at=LATER, next_pass_at=LATER))
    service.beat(Node("other", "there", 42, started_at=LATER, beat_at=LATER))

    service.remove_nodes(["other"])

    assert service.nodes() == [Node("node", "here", 42, NOON, LATER, LATER)]


@pytest.mark.parametrize(
    ("silence", "is_fresh"),
    [
        pytest.param(timedelta(seconds=10), True, id="lately"),
        pytest.param(timedelta(seconds=-10), True, id="by a clock that is a little ahead"),
        pytest.param(timedelta(minutes=1), False, id="a minute ago"),
        pytest.param(timedelta(hours=-1), False, id="in an hour"),
    ],
)
def test_a_node_that_has_been_silent_is_not_fresh(silence, is_fresh):
    assert Node("node", "here", 42, started_at=NOON, beat_at=NOON).is_fresh(NOON + silence) is is_fresh

"""The digest tells what waits, names nobody, and does not tire anybody."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Holder, Pair, State
from d2l_sync.domain.errors import SourceUnavailable, StateError
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, BadgeClassId
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.mail import Handed, Mail, MailLost, SentDigest
from d2l_sync.domain.ports import PassRecord
from d2l_sync.services.digest import Digest, Memory, Waiting, compose, is_worth_a_mail
from d2l_sync.store.state import StateStore
from tests.services.programme import ADA, LEVEL_1, MACRO, NOON, PATHWAY, UNIT_2, WHOLE, person
from tests.store.values import make_award

DAY = timedelta(days=1)
SOMETHING = Waiting(approvals={(PATHWAY, MACRO): 1}, contents="a")


class Post:
    """A mail server in memory; refusing: what it raises instead of taking a mail."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.refusing: SourceUnavailable | None = None
        self.handed = Handed()

    def send(self, mail: Mail) -> Handed:
        if self.refusing is not None:
            raise self.refusing
        self.sent.append(mail)
        return self.handed

    def prove(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("last", "age", "is_due"),
    [
        pytest.param(None, DAY, True, id="the first"),
        pytest.param("b", DAY, True, id="something else than last time"),
        pytest.param("b", DAY / 2, False, id="something else, but one went today"),
        pytest.param("a", DAY, False, id="the same"),
        pytest.param("a", 7 * DAY, True, id="the same for a week"),
    ],
)
def test_a_mail_is_due_for_news_once_a_day_and_for_the_same_once_a_week(last, age, is_due):
    digest = None if last is None else SentDigest(NOON - age, last)

    assert is_worth_a_mail(SOMETHING, digest, now=NOON, every=DAY) is is_due


def test_nothing_is_sent_when_nothing_waits():
    assert not is_worth_a_mail(Waiting(contents="x"), None, now=NOON, every=DAY)


def test_the_mail_says_how_many_for_how_long_and_which_command_helps():
    waiting = Waiting(
        approvals={(PATHWAY, MACRO): 3},
        oldest_approval=NOON - timedelta(days=12, hours=3),
        reviews={"fell": 2, "doubled": 1},
        blocked={(PATHWAY, LEVEL_1): 1},
        failed={(PATHWAY, LEVEL_1): 2},
        held=frozenset((Pair(person(one), BadgeClassId("bc-1")), "v1") for one in range(120)),
        plan=17,
        is_signed_out=True,
    )

    mail = compose(waiting, [WHOLE], NOON)

    assert mail.subject == (
        "d2l-sync: no way into Brightspace, 3 approvals, 3 reviews, 1 blocked award, 2 refused awards, 120 awards held"
    )
    assert [line for line in mail.text.splitlines() if line.startswith("    d2l-sync ")] == [
        "    d2l-sync status",
        "    d2l-sync plan",
        "    d2l-sync passes release 17",
        "    d2l-sync approvals list",
        "    d2l-sync awards list --state failed",
        "    d2l-sync awards list --state blocked",
        "    d2l-sync reviews list",
    ]
    assert "3 awards to approve or reject, the oldest for 12 days:\n  3 x Macro\n" in mail.text
    assert "  2 x an award was issued and its criteria hold no longer\n" in mail.text
    assert all(len(line) < 90 for line in mail.text.splitlines())


@pytest.fixture
def store(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path / 'd2l-sync.db'}")
    yield store
    store.close()


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def waiting_store(store):
    """Let an award of each kind and a review wait."""
    pass_id = store.open_pass(at=NOON, scope="everything")
    finding = Finding("fell", "user 301 fell", PATHWAY, LEVEL_1, person(ADA), address=Address("ada@example.edu"))
    store.record(pass_id, PassRecord(at=NOON, changes=(), findings=(finding,)))
    for number, state in enumerate([State.AWAITING_APPROVAL, State.BLOCKED, State.FAILED, State.HELD]):
        held_by = Holder.GUARD if state is State.HELD else None
        put(store, replace(make_award(), person_id=301 + number, state=state, held_by=held_by, held_in=1))
    return store


def put(store, award):
    assert store.change(Change(None, award, "as it was"), at=NOON, pass_id=None)


def digest(store, post, now=NOON):
    return Digest(store, (WHOLE,), post, every=DAY, clock=lambda: now)


def test_what_waits_is_told_once_and_again_when_it_is_something_else(waiting_store, post):
    assert digest(waiting_store, post).send_if_due(is_signed_out=False)
    assert not digest(waiting_store, post, NOON + 2 * DAY).send_if_due(is_signed_out=False)
    assert digest(waiting_store, post, NOON + 2 * DAY).send_if_due(is_signed_out=True)

    assert [mail.subject for mail in post.sent] == [
        "d2l-sync: 1 approval, 1 review, 1 blocked award, 1 refused award, 1 award held",
        "d2l-sync: no way into Brightspace, 1 approval, 1 review, 1 blocked award, 1 refused award, 1 award held",
    ]


def test_a_plan_of_enrolments_alone_is_told_too(store, post):
    store.save_enrolment(Enrolment(person(ADA), UNIT_2, ADA, PATHWAY, LEVEL_1, AccessState.HELD, held_in=9))

    assert digest(store, post).send_if_due(is_signed_out=False)

    (mail,) = post.sent
    assert mail.subject == "d2l-sync: 1 enrolment held"
    assert "1 enrolment held by the guard" in mail.text
    assert "    d2l-sync passes release 9\n" in mail.text


def test_other_people_in_the_same_numbers_are_news(waiting_store, post):
    digest(waiting_store, post).send_if_due(is_signed_out=False)
    (blocked,) = waiting_store.awards(State.BLOCKED)
    waiting_store.change(Change(blocked, replace(blocked, state=State.LAPSED), "fell"), at=NOON, pass_id=None)
    put(waiting_store, replace(blocked, person_id=999))

    assert digest(waiting_store, post, NOON + DAY).send_if_due(is_signed_out=False)


def test_a_mail_names_nobody(waiting_store, post):
    digest(waiting_store, post).send_if_due(is_signed_out=False)

    (mail,) = post.sent
    assert [word for word in ("@", "301", "302", "ada", "Ada") if word in mail.subject + mail.text] == []


def test_a_mail_that_can_not_be_sent_is_told_once_and_tried_again(waiting_store, post):
    post.refusing = SourceUnavailable("the mail server did not answer", hint="check mail.host")
    one = digest(waiting_store, post)

    with capture_logs() as lines:
        went = [one.send_if_due(is_signed_out=False) for _ in range(3)]
        post.refusing = None
        went.append(one.send_if_due(is_signed_out=False))

    assert went == [False, False, False, True]
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("digest_not_sent", "warning"),
        ("digest_not_sent", "debug"),
        ("digest_not_sent", "debug"),
        ("digest_sent", "info"),
    ]


class Moving:
    """A clock that a test sets forward."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Moving()


def looks(one, clock, *, every, times):
    """Let a digest look now and then, and return how many mails each look sent."""
    went = []
    for _ in range(times):
        went.append(one.send_if_due(is_signed_out=False))
        clock.now += every
    return went


def test_a_mail_that_may_have_arrived_rests_longer_each_time_and_is_the_same_one(waiting_store, post, clock):
    one = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock)
    tried = []

    def loses(mail):
        tried.append((clock.now - NOON, mail.key))
        raise MailLost("the mail server did not say whether it took the mail")

    post.send = loses
    looks(one, clock, every=timedelta(minutes=10), times=6 * 8)

    assert [after for after, _ in tried] == [timedelta(hours=hours) for hours in (0, 1, 3, 7)]
    assert len({key for _, key in tried}) == 1
    assert tried[0][1]


def test_a_configuration_that_is_read_anew_brings_nobody_the_mail_again(waiting_store, post, clock, monkeypatch):
    """Somebody makes room on the disk, changes mail.to, and reloads the service."""
    memory = Memory()
    monkeypatch.setattr(waiting_store, "note_digest", is_full)
    with pytest.raises(StateError):
        Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock, memory=memory).send_if_due(is_signed_out=False)
    monkeypatch.undo()

    after = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock, memory=memory)

    assert not after.send_if_due(is_signed_out=False)
    assert len(post.sent) == 1


def is_full(_):
    raise StateError("the disk is full")


def test_who_was_put_off_gets_the_mail_at_a_later_look(waiting_store, post, clock):
    one = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock)
    post.handed = Handed(put_off=1)
    looks(one, clock, every=timedelta(minutes=10), times=2)
    post.handed = Handed()

    looks(one, clock, every=timedelta(minutes=10), times=3)

    assert len(post.sent) == 3
    assert len({mail.key for mail in post.sent}) == 1


def test_who_is_put_off_for_more_than_a_day_gets_the_next_mail_only(waiting_store, post, clock):
    one = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock)
    post.handed = Handed(put_off=1)

    looks(one, clock, every=timedelta(hours=8), times=7)

    assert len(post.sent) == 4


def test_who_was_put_off_and_may_have_got_the_mail_since_gets_no_other(waiting_store, post, clock):
    """A server that looks at mails for long would have taken one at each look, for a day."""
    one = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock)
    post.handed = Handed(put_off=1)
    looks(one, clock, every=timedelta(minutes=10), times=1)
    tried = []

    def loses(mail):
        tried.append(mail)
        raise MailLost("the mail server did not say whether it took the mail")

    post.send = loses
    looks(one, clock, every=timedelta(minutes=10), times=6)

    assert tried == post.sent


def test_a_mail_that_could_not_be_noted_is_noted_before_another_one_goes(waiting_store, post, clock, monkeypatch):
    """The disk is full: the mail went, and at each look it would go again."""
    one = Digest(waiting_store, (WHOLE,), post, every=DAY, clock=clock)

    with monkeypatch.context() as patch:
        patch.setattr(waiting_store, "note_digest", is_full)
        for _ in range(2):
            with pytest.raises(StateError):
                one.send_if_due(is_signed_out=False)
    clock.now += timedelta(minutes=10)

    assert not one.send_if_due(is_signed_out=False)
    assert len(post.sent) == 1
    assert waiting_store.last_digest().sent_at == NOON

"""The digest: what waits for a person, in a mail that names nobody, at a quiet pace.

It is sent when something waits that the last one did not tell of, and again after a week while the same waits on.
"""

import hashlib
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.findings import KINDS
from d2l_sync.domain.guard import NOTHING, Batch, described, held_plans, newest_number
from d2l_sync.domain.ids import BadgeKey, PathwayKey
from d2l_sync.domain.mail import Mail, Mailer, MailLost, SentDigest
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.ports import Clock
from d2l_sync.domain.records import Records
from d2l_sync.services.desk import Desk

log = structlog.get_logger()
AGAIN_AFTER = timedelta(days=7)
FIRST_REST, LONGEST_REST = timedelta(hours=1), timedelta(days=1)
"""After a mail that may have arrived: the next one is the same to a mail server, but not to whoever reads both."""
LONGEST_PUT_OFF = timedelta(days=1)
Named = tuple[PathwayKey, BadgeKey]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person. approvals, blocked, failed: how many by pathway and badge. reviews: by kind.

    held, plan: the newest plan that the guard holds, and its number. contents: the same text for the same things,
    whoever they are.
    """

    approvals: Mapping[Named, int] = field(default_factory=dict)
    oldest_approval: datetime | None = None
    reviews: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[Named, int] = field(default_factory=dict)
    failed: Mapping[Named, int] = field(default_factory=dict)
    held: Batch = NOTHING
    plan: int | None = None
    is_signed_out: bool = False
    contents: str = ""

    @property
    def is_nothing(self) -> bool:
        return not (self.approvals or self.reviews or self.blocked or self.failed or self.held or self.is_signed_out)


def what_waits(records: Records, desk: Desk, *, is_signed_out: bool) -> Waiting:
    """Gather what waits now."""
    approvals, reviews = desk.waiting(), records.reviews()
    blocked, failed = records.awards(State.BLOCKED), records.awards(State.FAILED)
    plans = held_plans(records.awards(State.HELD), records.enrolments())
    plan = newest_number(plans)
    things = [
        *(f"approval {one.user_id} {one.pathway} {one.badge}" for one in approvals),
        *(f"review {one.review_id}" for one in reviews),
        *(f"{one.state.value} {one.person_id} {one.badge_class} {one.epoch}" for one in [*blocked, *failed]),
        *([f"plan {plan}"] if plan is not None else []),
        *(["signed out"] if is_signed_out else []),
    ]
    return Waiting(
        approvals=Counter((one.pathway, one.badge) for one in approvals),
        oldest_approval=min((one.since for one in approvals if one.since), default=None),
        reviews=Counter(one.finding.kind for one in reviews),
        blocked=_by_badge(blocked),
        failed=_by_badge(failed),
        held=plans.get(plan, NOTHING),
        plan=plan,
        is_signed_out=is_signed_out,
        contents=hashlib.sha256("\n".join(sorted(things)).encode()).hexdigest(),
    )


def is_worth_a_mail(waiting: Waiting, last: SentDigest | None, *, now: datetime, every: timedelta) -> bool:
    """Tell whether a mail is due: something waits, none went lately, and not the same as last time within a week."""
    if waiting.is_nothing:
        return False
    if last is None:
        return True
    rest = every if waiting.contents != last.contents else max(every, AGAIN_AFTER)
    return now - last.sent_at >= rest


def compose(waiting: Waiting, pathways: Iterable[Pathway], now: datetime) -> Mail:
    """Write the mail: counts, ages, names of badges, and the commands that help. Nobody's name, address or score."""
    names = {(badge.pathway, badge.key): badge.name for pathway in pathways for badge in pathway.badges}
    age = f", the oldest for {_age(now - waiting.oldest_approval)}" if waiting.oldest_approval else ""
    parts = [
        _signed_out() if waiting.is_signed_out else "",
        _held(waiting) if waiting.held else "",
        _badges(waiting.approvals, names, what=f"{{}} to approve or reject{age}", command="approvals list"),
        _badges(waiting.failed, names, what="{} refused by the platform", command="awards list --state failed"),
        _badges(waiting.blocked, names, what="{} earned, but blocked", command="awards list --state blocked"),
        _reviews(waiting.reviews),
    ]
    shown = [part for part in parts if part]
    text = "\n\n".join(["This waits for a person.", *shown, "-- \nd2l-sync. The same is not told again for a week."])
    return Mail(f"d2l-sync: {_subject(waiting)}", f"{text}\n")


@dataclass(slots=True)
class Memory:
    """What outlives a configuration that is read anew, so that nobody gets a mail twice for it.

    key, about: what the mail is known by that was tried last, and its contents. unnoted: what went and could not be
    noted. rest, rests_until: for how long, and until when, nothing goes after a mail that may have arrived.
    """

    key: str = ""
    about: str = ""
    unnoted: SentDigest | None = None
    rest: timedelta = timedelta()
    rests_until: datetime | None = None


class Digest:
    """Looks whether a mail is due, and sends it.

    What can't be sent is tried again at the next look, and so is what went to some only, for a day. What may have gone
    rests longer each time. What went and could not be noted is noted before anything else is sent.
    """

    def __init__(
        self,
        records: Records,
        pathways: tuple[Pathway, ...],
        mailer: Mailer,
        *,
        every: timedelta,
        clock: Clock,
        memory: Memory | None = None,
    ) -> None:
        self._records = records
        self._pathways = pathways
        self._mailer = mailer
        self._every = every
        self._clock = clock
        self._has_failed = False
        self._memory = memory or Memory()
        self._left: tuple[Mail, datetime] | None = None

    def send_if_due(self, *, is_signed_out: bool) -> bool:
        """Send a mail if one is due; True when one went. Raises StateError, and nothing about the mail server."""
        now = self._clock()
        self._note()
        self._send_to_the_rest(now)
        desk = Desk(self._records, self._pathways, clock=self._clock)
        waiting = what_waits(self._records, desk, is_signed_out=is_signed_out)
        if not is_worth_a_mail(waiting, self._records.last_digest(), now=now, every=self._every):
            return False
        memory = self._memory
        if memory.rests_until is not None and now < memory.rests_until:
            return False
        self._left = None  # what waits now, they are told with all others
        mail = replace(compose(waiting, self._pathways, now), key=self._key_for(waiting))
        try:
            handed = self._mailer.send(mail)
        except SourceUnavailable as error:
            self._failed(error, now)
            return False
        self._has_failed, memory.about = False, ""
        memory.rest, memory.rests_until = timedelta(), None
        self._left = (mail, now) if handed.put_off else None
        memory.unnoted = SentDigest(now, waiting.contents)
        log.info(
            "digest_sent",
            approvals=sum(waiting.approvals.values()),
            reviews=sum(waiting.reviews.values()),
            blocked=sum(waiting.blocked.values()),
            failed=sum(waiting.failed.values()),
            held=len(waiting.held),
            refused=handed.refused,
            put_off=handed.put_off,
        )
        self._note()
        return True

    def _key_for(self, waiting: Waiting) -> str:
        """Return what a mail is known by until it has gone: by chance, for what waits stands for who it is."""
        memory = self._memory
        if memory.about != waiting.contents:
            memory.key, memory.about = secrets.token_hex(16), waiting.contents
        return memory.key

    def _failed(self, error: SourceUnavailable, now: datetime) -> None:
        level = logging.DEBUG if self._has_failed else logging.WARNING
        log.log(level, "digest_not_sent", why=str(error), hint=error.hint)
        self._has_failed = True
        if isinstance(error, MailLost):
            memory = self._memory
            memory.rest = min(max(memory.rest * 2, FIRST_REST), LONGEST_REST)
            memory.rests_until = now + memory.rest

    def _note(self) -> None:
        if self._memory.unnoted is not None:
            self._records.note_digest(self._memory.unnoted)
            self._memory.unnoted = None

    def _send_to_the_rest(self, now: datetime) -> None:
        """Send the last mail to those whom the server had put off: the next one would come in a day, or a week.

        Where it may have arrived it is not sent again: that would be one more at each look.
        """
        if self._left is None:
            return
        mail, since = self._left
        if now - since > LONGEST_PUT_OFF:
            self._left = None
            return
        try:
            is_over = not self._mailer.send(mail).put_off
        except SourceUnavailable as error:
            is_over = isinstance(error, MailLost)
        if is_over:
            self._left = None


def _by_badge(awards: Iterable[Award]) -> Mapping[Named, int]:
    return Counter((one.pathway, one.badge) for one in awards)


def _part(head: str, rows: Iterable[str], *commands: str) -> str:
    return "\n".join([head, *(f"  {row}" for row in rows), *(f"    d2l-sync {command}" for command in commands)])


def _signed_out() -> str:
    return _part("Brightspace does not let the service in, so nothing is read. What helps:", (), "status")


def _held(waiting: Waiting) -> str:
    head = f"{described(waiting.held)} held by the guard, until somebody looks at them and lets them go:"
    return _part(head, (), "plan", f"passes release {waiting.plan}")


def _badges(counts: Mapping[Named, int], names: Mapping[Named, str], *, what: str, command: str) -> str:
    rows = [f"{count} x {names.get(named, named[1])}" for named, count in sorted(counts.items())]
    return _part(f"{what.format(_count(sum(counts.values()), 'award'))}:", rows, command) if counts else ""


def _reviews(counts: Mapping[str, int]) -> str:
    rows = [f"{count} x {KINDS.get(kind, kind)}" for kind, count in sorted(counts.items())]
    return _part(f"{_count(sum(counts.values()), 'review')} to look at:", rows, "reviews list") if counts else ""


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _age(age: timedelta) -> str:
    return _count(age.days, "day") if age.days else "less than a day"


def _subject(waiting: Waiting) -> str:
    counts = {
        "approval": sum(waiting.approvals.values()),
        "review": sum(waiting.reviews.values()),
        "blocked award": sum(waiting.blocked.values()),
        "refused award": sum(waiting.failed.values()),
    }
    named = [_count(count, noun) for noun, count in counts.items() if count]
    held = [f"{described(waiting.held)} held"] if waiting.held else []
    signed_out = ["no way into Brightspace"] if waiting.is_signed_out else []
    return ", ".join([*signed_out, *named, *held])

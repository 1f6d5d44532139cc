"""Deliver: send what is due, one award at a time, and record what became of it.

Steps for one award, in an order worth guarding:
1. If it was ever sent, look it up first, under every address it was sent to.
2. Claim it by one conditional update (`due` → `sending`), committed before anything leaves.
3. Send, with the platform's own refusal of duplicates on.
4. Record the answer. What nobody knows becomes `doubtful` and is looked up, never blindly sent again.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event, Lock

import structlog

from d2l_sync.domain.adoption import REVOKED_THERE, as_issued, as_revoked, oldest
from d2l_sync.domain.award import LONGEST_REST, Assertion, Award, State, award_key, issue_date
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import BadgeClassId
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.ports import Answer, Clock, Declined, Duplicate, Issued, NotSent, Order, Platform
from d2l_sync.domain.ports import State as StateDatabase
from d2l_sync.domain.settings import BadgingSettings, DeliverySettings
from d2l_sync.services.carried import carried
from d2l_sync.services.holdings import SHOWN_NOWHERE, standing
from d2l_sync.services.problems import Problem

log = structlog.get_logger()
# What became of a sent award, for the log, and how grave that is: what is not sent goes in the next pass.
EVENTS = {
    State.ISSUED: ("award_issued", logging.INFO),
    State.DUE: ("award_not_sent", logging.DEBUG),
    State.DOUBTFUL: ("award_doubted", logging.WARNING),
    State.FAILED: ("award_refused", logging.ERROR),
    State.REVOKED: ("award_found_revoked", logging.WARNING),
}


@dataclass
class Tally:
    """What a delivery did, counted by several threads under one lock.

    taken: the platform made an award of ours. unanswered: it did not answer, so something is left.
    has_bad_credentials: it refuses ours.
    """

    issued: int = 0
    adopted: int = 0
    taken: bool = False
    unanswered: bool = False
    has_bad_credentials: bool = False
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """How awards are sent: settings, and which pass they belong to."""

    badging: BadgingSettings
    delivery: DeliverySettings
    pass_id: int | None


class Delivery:
    """Sends due awards with a few threads; never two for one person and badge class at once."""

    def __init__(self, state: StateDatabase, platform: Platform, terms: Terms, *, clock: Clock, stop: Event) -> None:
        self._state = state
        self._platform = platform
        self._terms = terms
        self._clock = clock
        self._stop = stop
        self._lock = Lock()
        self._paused: set[BadgeClassId] = set()
        self._all_paused = False
        self._tally = Tally()

    def deliver(self, awards: Iterable[Award], *, paused: Iterable[BadgeClassId] = ()) -> Tally:
        """Send each due award once. paused: badge classes whose lists are unread or disbelieved."""
        self._paused |= set(paused)
        due = list(awards)
        if due:
            with ThreadPoolExecutor(max(1, self._terms.delivery.connections), thread_name_prefix="deliver") as pool:
                list(pool.map(carried(self._deliver_one), due))  # whatever ends it leaves the rest unsent
        return self._tally

    def settle(self, award: Award) -> Change | None:
        """Look a doubtful award up: there → issued or revoked; not there → due again, or held as it was.

        None: no answer yet, or nothing may leave for this person.
        """
        there = None if self._is_silent(award) else self._look_up(award)
        if there is None:
            return None
        state = State.DUE if award.state is State.DOUBTFUL else award.state
        not_there = replace(award, state=state, retry_at=None)
        return _found(award, there) or Change(award, not_there, "looked up and not there")

    def end_back_off(self, awards: Iterable[Award]) -> None:
        """Once the platform takes awards again, let none rest longer than `settle` from now, nor double any rest."""
        now = self._clock()
        settle = self._terms.delivery.settle
        for award in awards:
            if award.backoff_s > settle.total_seconds() and award.state is not State.SENDING:
                retry_at = min(award.retry_at, now + settle) if award.retry_at is not None else None
                after = replace(award, retry_at=retry_at, backoff_s=0)
                change = Change(award, after, "the platform takes awards again")
                self._state.change(change, at=now, pass_id=self._terms.pass_id)

    def _deliver_one(self, award: Award) -> None:
        if self._stop.is_set() or self._all_paused or award.badge_class in self._paused:
            return
        if (award.sent_to or award.attempts) and self._settled_before_sending(award):
            return
        now = self._clock()
        address = award.address
        if address is None or self._is_silent(award):
            return
        sending = replace(
            award,
            state=State.SENDING,
            sent_to=(*award.sent_to, address) if address not in award.sent_to else award.sent_to,
            attempts=award.attempts + 1,
            issued_on=issue_date(award.issued_on, None, now),
        )
        if not self._state.claim(sending, at=now, pass_id=self._terms.pass_id):
            return
        answer = self._platform.issue(self._order(sending))
        change = self._after(award, sending, answer)
        self._state.change(change, at=self._clock(), pass_id=self._terms.pass_id)
        self._tell(change.after)

    def _tell(self, award: Award) -> None:
        event, level = EVENTS[award.state]
        log.log(
            level,
            event,
            user_id=award.person_id,
            badge=award.badge,
            award_key=award_key(self._terms.badging.issuer, award),
            attempts=award.attempts,
        )

    def _settled_before_sending(self, award: Award) -> bool:
        """Look an award up that may be there already; True when it must not be sent now."""
        there = None if self._is_silent(award) else self._look_up(award)
        if there is None:
            return True
        change = _found(award, there)
        if change is None:
            return False
        if self._state.change(change, at=self._clock(), pass_id=self._terms.pass_id):
            with self._lock:
                self._count_found(award, change.after)
            self._tell(change.after)
        return True

    def _count_found(self, before: Award, after: Award) -> None:
        """Count what was found as issued when an earlier request of ours may have made it, else as adopted."""
        is_issued = after.state is State.ISSUED
        self._tally.issued += is_issued and before.may_be_there
        self._tally.adopted += is_issued and not before.may_be_there
        self._tally.findings.extend(standing([after]))

    def _is_silent(self, award: Award) -> bool:
        """Tell whether nothing may leave for the person; read anew, for a pass takes its time."""
        return award.person_id in self._state.suppressed()

    def _look_up(self, award: Award) -> list[Assertion] | None:
        """Ask for the badge class under every address ever sent to; None when there is no answer."""
        found: list[Assertion] = []
        try:
            for address in dict.fromkeys([*award.sent_to, *([award.address] if award.address else [])]):
                found.extend(self._platform.find(award.badge_class, address))
        except (SourceUnavailable, SourceRefused) as error:
            self._note(award, str(error), error.hint)
            return None
        except TokenRefused as error:
            with self._lock:
                self._tally.has_bad_credentials = True
            self._note(award, str(error), error.hint)
            return None
        return found

    def _order(self, award: Award) -> Order:
        assert award.address is not None and award.issued_on is not None  # noqa: PT018, S101 - claimed so
        return Order(
            award.badge_class,
            award.address,
            award.issued_on,
            award.narrative,
            evidence_url=self._terms.badging.evidence_url,
            notify=self._terms.delivery.notify,
        )

    def _after(self, before: Award, sending: Award, answer: Answer) -> Change:
        """Turn the platform's answer into the award's next state."""
        match answer:
            case Issued(assertion):
                with self._lock:
                    self._tally.issued += 1
                    self._tally.taken = True
                return Change(sending, as_issued(sending, assertion), "the platform issued it")
            case NotSent():
                return self._not_sent(before, sending, answer)
            case Declined(why):
                after = replace(sending, state=State.FAILED, reason=why, sent_to=before.sent_to)
                return Change(sending, after, f"the platform refused it: {why}")
            case Duplicate():
                return self._duplicate(before, sending)
            case _:
                return self._doubt(sending, answer.why)

    def _not_sent(self, before: Award, sending: Award, answer: NotSent) -> Change:
        with self._lock:
            self._paused.add(before.badge_class)
            self._all_paused |= answer.stops_all
            self._tally.has_bad_credentials |= answer.is_credentials
        self._note(before, answer.why, "")
        return Change(sending, replace(sending, state=State.DUE, sent_to=before.sent_to), f"not sent: {answer.why}")

    def _duplicate(self, before: Award, sending: Award) -> Change:
        """Look up what the platform says is there: an earlier request of ours made it, or somebody else did."""
        there = self._look_up(sending)
        if there is None:
            return self._doubt(sending, "refused as a duplicate, and the look-up failed")
        change = _found(sending, there)
        if change is not None:
            with self._lock:
                self._count_found(before, change.after)
            return change
        after = replace(sending, state=State.FAILED, reason=SHOWN_NOWHERE, sent_to=before.sent_to)
        with self._lock:
            self._tally.findings.extend(standing([after]))
        return Change(sending, after, SHOWN_NOWHERE)

    def _doubt(self, sending: Award, why: str) -> Change:
        """Rest at least `settle`; each further lost answer doubles the rest, up to an hour."""
        settle_s = int(self._terms.delivery.settle.total_seconds())
        rest_s = max(settle_s, min(int(LONGEST_REST.total_seconds()), sending.backoff_s * 2))
        self._note(sending, f"the answer was lost: {why}", "it will be looked up before anything is sent again")
        after = replace(
            sending,
            state=State.DOUBTFUL,
            reason=why,
            retry_at=self._clock() + timedelta(seconds=rest_s),
            backoff_s=rest_s,
        )
        return Change(sending, after, why)

    def _note(self, award: Award, what: str, hint: str) -> None:
        problem = Problem(what, f"badge class of {award.pathway}/{award.badge}", hint)
        with self._lock:
            self._tally.unanswered = True
            if problem not in self._tally.problems:
                self._tally.problems.append(problem)


def _found(award: Award, there: Iterable[Assertion]) -> Change | None:
    """Say what a look-up means for an award: issued, revoked there, or nothing."""
    assertions = [one for one in there if not award.passes_over(one)]
    live = [one for one in assertions if not one.is_revoked]
    if live:
        return Change(award, as_issued(award, oldest(live)), "found on the platform")
    if assertions:
        return Change(award, as_revoked(award, oldest(assertions)), REVOKED_THERE)
    return None

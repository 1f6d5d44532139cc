"""Repair: hold, release, revoke or adopt one award, at a person's word and where its state allows it."""

from dataclasses import replace

import structlog

from d2l_sync.domain.adoption import as_issued
from d2l_sync.domain.award import Award, Holder, Pair, State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import AssertionId, PersonId
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.ports import Clock, Platform
from d2l_sync.domain.records import Records

log = structlog.get_logger()
UNSENT = frozenset(State) - {State.SENDING, State.ISSUED, State.REVOKED}


class Repair:
    """Acts on single awards at a person's word. `by` is always who did it.

    Raises UsageError for an award in another state: nothing is changed then.
    """

    def __init__(self, records: Records, platform: Platform, *, clock: Clock) -> None:
        self._records = records
        self._platform = platform
        self._clock = clock

    def hold(self, person_id: PersonId, badge: Badge, *, reason: str, by: str) -> Award:
        """Hold an unsent award until a person releases it; a doubtful one is still looked up."""
        award = self._award(person_id, badge)
        if award.state not in UNSENT:
            raise _does_not_fit("hold", award)
        after = replace(award, state=State.HELD, held_by=Holder.PERSON, held_in=None, reason=reason or None)
        written = self._write(award, after, f"held: {reason}" if reason else "held", by)
        log.info("award_held", user_id=person_id, badge=badge.key, was=award.state.value, by=by)
        return written

    def release(self, person_id: PersonId, badge: Badge, *, reason: str, by: str) -> Award:
        """Let a held award be judged anew; of a revoked one, open the next epoch, approved anew where asked.

        What the platform holds as revoked by then counts no longer, so its list is read first. Raises
        SourceUnavailable, SourceRefused or TokenRefused, with nothing changed, when that fails.
        """
        award = self._award(person_id, badge)
        why = f"released: {reason}" if reason else "released"
        if award.is_held_by_person:
            after = replace(award, state=State.EARNED, held_by=None, reason=None, is_released=True)
            released = self._write(award, after, why, by)
            log.info("award_released", user_id=person_id, badge=badge.key, was=award.state.value, by=by)
            return released
        if award.state is not State.REVOKED:
            raise _does_not_fit("release", award)
        there = [one.assertion_id for one in self._platform.assertions(badge.badge_class) if one.is_revoked]
        own = [award.assertion_id] if award.assertion_id is not None else []
        fresh = Award(
            person_id,
            badge.badge_class,
            badge.pathway,
            badge.key,
            State.EARNED,
            epoch=award.epoch + 1,
            is_released=True,
            passed_over=tuple(dict.fromkeys([*award.passed_over, *own, *there])),
        )
        if not self._records.reopen(Change(award, fresh, why), at=self._clock(), by=by):
            raise _moved()
        log.info("award_released", user_id=person_id, badge=badge.key, was=award.state.value, by=by)
        return fresh

    def check_revocation(self, person_id: PersonId, badge: Badge, *, reason: str) -> tuple[Award, AssertionId]:
        """Return the award that `revoke` would revoke, and its assertion: to be asked before waiting for a pass."""
        award = self._award(person_id, badge)
        if award.state is not State.ISSUED or award.assertion_id is None:
            raise _does_not_fit("revoke", award)
        if not reason.strip():
            raise UsageError("a revocation needs a reason; nothing was changed", hint="the platform publishes it")
        return award, award.assertion_id

    def revoke(self, person_id: PersonId, badge: Badge, *, reason: str, by: str) -> Award:
        """Revoke an issued award on the platform. SourceUnavailable: the answer was lost, and it stays issued."""
        award, assertion_id = self.check_revocation(person_id, badge, reason=reason)
        self._platform.revoke(assertion_id, reason)
        written = self._write(award, replace(award, state=State.REVOKED, reason=reason), f"revoked: {reason}", by)
        log.info("award_revoked", user_id=person_id, badge=badge.key, assertion_id=assertion_id, by=by)
        return written

    def adopt(self, person_id: PersonId, badge: Badge, assertion_id: AssertionId, *, by: str) -> Award:
        """Tie an assertion that somebody made by hand to a learner, whatever its address."""
        award = self._find(person_id, badge)
        if award is not None and award.state in {State.ISSUED, State.SENDING}:
            raise _does_not_fit("adopt", award)
        there = {one.assertion_id: one for one in self._platform.assertions(badge.badge_class)}
        assertion = there.get(assertion_id)
        if assertion is None or assertion.is_revoked:
            state = "revoked" if assertion else "not there"
            raise UsageError(f"assertion {assertion_id} of {badge.key} is {state}", hint="see: d2l-sync reviews list")
        tied = {one.assertion_id: one.person_id for one in self._records.awards()}
        if tied.get(assertion_id, person_id) != person_id:
            raise UsageError(f"assertion {assertion_id} belongs to user {tied[assertion_id]} already")
        row = award or Award(person_id, badge.badge_class, badge.pathway, badge.key, State.EARNED)
        written = self._write(award, as_issued(row, assertion), "adopted at a person's word", by)
        log.info("award_adopted", user_id=person_id, badge=badge.key, assertion_id=assertion_id, by=by)
        return written

    def _find(self, person_id: PersonId, badge: Badge) -> Award | None:
        pair = Pair(person_id, badge.badge_class)
        return next((one for one in self._records.awards() if one.pair == pair), None)

    def _award(self, person_id: PersonId, badge: Badge) -> Award:
        award = self._find(person_id, badge)
        if award is None:
            what = f"user {person_id} has no award of {badge.key}; nothing was changed"
            raise UsageError(what, hint=self._earlier(person_id, badge))
        return award

    def _earlier(self, person_id: PersonId, badge: Badge) -> str:
        """Say what names the awards that the badge led to while it had another badge class."""
        name = (person_id, badge.pathway, badge.key)
        rows = [one for one in self._records.awards() if (one.person_id, one.pathway, one.badge) == name]
        classes = ", ".join(sorted(one.badge_class for one in rows))
        return f"there is one of an earlier badge class; name that instead of the badge: {classes}" if classes else ""

    def _write(self, before: Award | None, after: Award, why: str, by: str) -> Award:
        if not self._records.change(Change(before, after, why), at=self._clock(), pass_id=None, by=by):
            raise _moved()
        return after


def _moved() -> UsageError:
    return UsageError("the award changed meanwhile; nothing was done", hint="look at it again: awards show")


def _does_not_fit(act: str, award: Award) -> UsageError:
    return UsageError(f"{award.badge} of user {award.person_id} is {award.state.value}: {act} does not apply")

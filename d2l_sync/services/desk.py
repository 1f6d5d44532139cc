"""The desk: what a person may see and do, shared by the shell and every other front."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from d2l_sync.domain.award import Award, Pair, State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import Address, BadgeClassId, BadgeKey, PathwayKey, PersonId, UserId
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.ports import Clock
from d2l_sync.domain.records import Records
from d2l_sync.services.scope import find_badges, only_person

log = structlog.get_logger()
LiveSearch = Callable[[str], set[PersonId]]
NOT_REJECTED_ANY_MORE = frozenset({State.SENDING, State.DOUBTFUL, State.ISSUED, State.REVOKED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One award that waits for approval. since: when it began to wait. team: None where there is none."""

    pathway: PathwayKey
    badge: BadgeKey
    user_id: PersonId
    email: Address | None
    since: datetime | None
    team: str | None

    def is_on(self, team: str) -> bool:
        return self.team is not None and team in (self.team, *self.team.split(", "))


class Desk:
    """Answers and acts for administrators. `by` is always who did it.

    search: asks Brightspace's classlists about a learner whom no pass has seen yet.
    """

    def __init__(
        self, records: Records, pathways: tuple[Pathway, ...], *, clock: Clock, search: LiveSearch | None = None
    ) -> None:
        self._records = records
        self._pathways = pathways
        self._clock = clock
        self._search = search

    def find(self, text: str) -> PersonId:
        """Return whom a LEARNER argument means. Raises UsageError for nobody and for several."""
        found = self._records.find_people(text)
        if not found and self._search is not None:
            found = self._search(text)
        return only_person(found, text)

    def badge(self, name: str) -> Badge:
        """Return the badge that a key, or PATHWAY/KEY, names: in a file, or else in the ledger. Raises UsageError.

        A badge class that a badge had before it got another one goes by its id.
        """
        served = {one.badge_class for pathway in self._pathways for one in pathway.badges}
        gone = {
            one.badge_class: Badge(one.badge, one.badge, one.badge_class, one.pathway)
            for one in self._records.awards()
            if one.badge_class not in served
        }
        before = gone.get(BadgeClassId(name))
        return before or find_badges(self._pathways, name, unserved=gone.values())[0]

    def waiting(self) -> list[Waiting]:
        """List what waits for approval, longest first."""
        decided = {(one.person_id, one.pathway, one.badge) for one in self._records.approvals()}
        since = self._records.award_times()
        rows = [
            Waiting(
                award.pathway, award.badge, award.person_id, award.address, since.get(award.pair), self._team(award)
            )
            for award in self._records.awards(State.AWAITING_APPROVAL)
            if (award.person_id, award.pathway, award.badge) not in decided
        ]
        return sorted(rows, key=lambda one: (str(one.since), one.user_id))

    def _team(self, award: Award) -> str | None:
        for judgement in self._records.judgements(award.person_id):
            if judgement.pathway == award.pathway:
                for verdict in judgement.verdicts:
                    if verdict.source == "teams" and verdict.value:
                        return verdict.value
        return None

    def approve_waiting(self, *, team: str | None, badge: str | None, by: str) -> list[Approval]:
        """Approve everything that waits now, of one team or badge where given."""
        at, chosen = self._clock(), self.waiting_for(team=team, badge=badge)
        made = [Approval(one.user_id, one.pathway, one.badge, is_approved=True, by=by, at=at) for one in chosen]
        return self._store(made)

    def waiting_for(self, *, team: str | None, badge: str | None) -> list[Waiting]:
        """List what `approve_waiting` would approve. Raises UsageError for a badge that nobody approves."""
        keys = {(one.pathway, one.key) for one in self._approvable(badge)}
        return [one for one in self.waiting() if (one.pathway, one.badge) in keys and (team is None or one.is_on(team))]

    def approve(self, learners: Iterable[str], *, badge: str | None, by: str) -> list[Approval]:
        """Approve learners' badge, or every badge that asks for approval, earned already or not.

        Everybody is found before anything is written.
        """
        at, badges = self._clock(), self._approvable(badge)
        people = dict.fromkeys([self.find(one) for one in learners])
        made = [
            Approval(person_id, one.pathway, one.key, is_approved=True, by=by, at=at)
            for person_id in people
            for one in badges
        ]
        return self._store(made)

    def reject(self, learner: str, *, badge: str | None, by: str, reason: str) -> list[Approval]:
        """Reject until an approval names the learner. Raises UsageError for what is sent or being sent."""
        if not reason.strip():
            raise UsageError("a rejection needs a reason; nothing was changed", hint="it is shown to whoever asks")
        person_id, badges = self.find(learner), self._approvable(badge)
        rows = {one.pair: one for one in self._records.awards()}
        pairs = {(one.pathway, one.key): Pair(person_id, one.badge_class) for one in badges}
        for one in badges:
            award = rows.get(pairs[one.pathway, one.key])
            if award is not None and award.state in NOT_REJECTED_ANY_MORE:
                raise UsageError(f"{one.key} of user {person_id} is {award.state.value}; nothing was changed")
        at = self._clock()
        made = [
            Approval(person_id, one.pathway, one.key, is_approved=False, by=by, at=at, reason=reason) for one in badges
        ]
        for approval in made:
            pair = pairs[approval.pathway, approval.badge]
            if not self._records.reject(approval, _rejection(rows.get(pair), reason), pair=pair):
                what = f"{approval.badge} of user {person_id} moved meanwhile and is not rejected"
                raise UsageError(what, hint="give the command again")
            log.info("approval_refused", user_id=person_id, badge=approval.badge, by=by)
        return made

    def _store(self, decided: Iterable[Approval]) -> list[Approval]:
        """Store approvals; return those that were not given already."""
        made = [approval for approval in decided if self._records.decide(approval)]
        for one in made:
            log.info("approval_given", user_id=one.person_id, badge=one.badge, by=one.by)
        return made

    def _approvable(self, badge: str | None) -> list[Badge]:
        if badge is None:
            return [one for pathway in self._pathways for one in pathway.badges if one.approval]
        found = find_badges(self._pathways, badge)
        if not found[0].approval:
            raise UsageError(f"badge {badge} asks for no approval", hint="it is issued as soon as it is earned")
        return found

    def awards(self, *, state: State | None = None, badge: str | None = None) -> list[Award]:
        """List the ledger, newest epochs only, ordered by pathway, badge and user id."""
        named = self.badge(badge) if badge is not None else None
        rows = [
            one
            for one in self._records.awards(state)
            if named is None or (one.pathway, one.badge) == (named.pathway, named.key)
        ]
        return sorted(rows, key=lambda one: (one.pathway, one.badge, one.person_id))

    def retry(self, learners: Iterable[str] | None, *, settle: timedelta, by: str) -> list[Award]:
        """Let refused, due and doubtful awards go again; named learners' missing ones too. None means all."""
        moved = []
        for award, after in self.retriable(learners, settle=settle):
            if self._move(award, after, by):
                moved.append(after)
                log.info("award_retried", user_id=after.person_id, badge=after.badge, was=award.state.value, by=by)
        return moved

    def retriable(self, learners: Iterable[str] | None, *, settle: timedelta) -> list[tuple[Award, Award]]:
        """List what `retry` would let go: each award, and the same as the retry would leave it."""
        people = None if learners is None else {self.find(one) for one in learners}
        missing = [
            one.finding
            for one in self._records.reviews(open_only=False)  # having looked at it does not bring it back
            if one.finding.kind == "missing_there" and one.ended_at is None
        ]
        found, rested = [], self._clock() + settle
        for award in self._records.awards():
            if people is not None and award.person_id not in people:
                continue
            is_missing = people is not None and any(one.is_about(award) for one in missing)
            after = _retried(award, rested, is_missing=is_missing)
            if after is not None:
                found.append((award, after))
        return found

    def close_review(self, review_id: int, *, accept: bool, by: str) -> None:
        """Close a review; accept: believe a source that shrank, or a fact that vanished. Raises UsageError."""
        review = next((one for one in self._records.reviews() if one.review_id == review_id), None)
        if review is None:
            raise UsageError(f"there is no open review {review_id}", hint="see: d2l-sync reviews list")
        finding = review.finding
        if accept and finding.kind not in {"shrunk", "vanished"}:
            raise UsageError(f"a review of kind {finding.kind} has nothing to accept", hint="close it without --accept")
        if accept and finding.kind == "shrunk":
            self._records.forget_size(finding.subject)
        if accept and finding.kind == "vanished" and finding.user_id is not None:
            listings = self._records.snapshot().listings
            for source in [one for one in listings if str(one) == finding.subject]:
                self._records.forget_fact(source, UserId(int(finding.user_id)))
        self._records.close_review(review_id, by=by, at=self._clock())
        log.info(
            "review_closed", review=review_id, kind=finding.kind, user_id=finding.user_id, is_accepted=accept, by=by
        )

    def _move(self, award: Award, after: Award, by: str) -> bool:
        change = Change(award, after, "to be tried again, at a person's word")
        return self._records.change(change, at=self._clock(), pass_id=None, by=by)


def _rejection(award: Award | None, reason: str) -> Change | None:
    if award is None:
        return None
    after = replace(award, state=State.REJECTED, held_by=None, held_in=None, reason=reason)
    return Change(award, after, f"rejected: {reason}")


def _retried(award: Award, rested: datetime, *, is_missing: bool) -> Award | None:
    """Return the award as a retry leaves it; None where a retry does not apply.

    rested: when a doubtful award has rested for `settle` in any case; its back-off ends, that rest is not shortened.
    """
    if award.state is State.FAILED:
        return replace(award, state=State.DUE, reason=None)
    if award.state is State.DUE or (award.state is State.DOUBTFUL and award.retry_at is not None):
        return replace(award, retry_at=min(award.retry_at, rested) if award.retry_at else None, backoff_s=0)
    if award.state is State.ISSUED and is_missing and award.address is not None:
        before = [one for one in award.sent_to if one != award.address]
        return replace(award, state=State.DUE, sent_to=(*before, award.address))
    return None

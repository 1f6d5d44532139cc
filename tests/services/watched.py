"""What must hold of every pass, judged from the facts alone and from what the platform holds."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from d2l_sync.domain.award import JUDGED_ANEW, Pair, State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.facts import HandIn, QuizAttempts, Source, SourceKind
from d2l_sync.domain.ledger import newest
from d2l_sync.domain.ports import Declined, Duplicate, Issued
from tests.fakes import FakePlatform
from tests.fuse import Killed
from tests.services.programme import (
    ADA,
    CLASSES,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    PORTFOLIO,
    PROJECT,
    QUIZ,
    REFLECTION,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    Programme,
    mail_of,
    person,
)

PEOPLE = (ADA, GRACE)
KEYS = (LEVEL_1, LEVEL_2, LEVEL_3, MACRO)
ESSAY = Source(SourceKind.FOLDER, UNIT_1, 33102)
UNITS = {LEVEL_1: UNIT_1, LEVEL_2: UNIT_2, LEVEL_3: UNIT_3}
SOURCES = (REFLECTION, ESSAY, QUIZ, PROJECT, PORTFOLIO)
ON_THE_WAY = {State.DUE, State.SENDING, State.DOUBTFUL}
A_WHILE = timedelta(hours=3)


class TakingPlatform(FakePlatform):
    """A platform that takes duplicates, so that nothing but the program itself prevents them.

    declined: whom it refused an award.
    """

    def __init__(self, clock):
        super().__init__(clock)
        self.declined = set()

    def issue(self, order):
        answer = super().issue(order)
        if isinstance(answer, Duplicate):
            return Issued(self.hold(order.badge_class, order.address))
        if isinstance(answer, Declined):
            self.declined.add((order.badge_class, order.address))
        return answer


class Watched:
    """A programme whose passes are watched. by_hand, revoked_by_people: assertions that people made and revoked."""

    def __init__(self):
        super().__init__()
        self.programme = Programme()
        # One question at a time: which of two threads is first is chance, and a history that fails is to be told again.
        self.programme.sets(delivery={"connections": 1}, brightspace={"connections": 1})
        self.platform = self.programme.platform = TakingPlatform(self.programme.clock)
        self.programme.finishes(*PEOPLE, keys=(LEVEL_1, LEVEL_2, LEVEL_3))
        self.min_percent = 80
        self.revoked_by_people, self.by_hand = set(), set()
        self.was_retried = False
        self.seen_orders = 0

    # What must hold.

    def watch(self, work, *, is_whole, released=None):
        """Let a pass be made, or die, and check what it did. is_whole: nothing is out of its scope."""
        before = newest(self.programme.state.awards)
        expected = {(user, key): self.earned(user, key) for user in PEOPLE for key in KEYS}
        report = None
        with suppress(Killed, UsageError):  # dead, or a learner whom nobody knows yet
            report = work()
        fresh, self.seen_orders = self._new_orders(), len(self.programme.platform.orders)
        for user, key in fresh:
            self._check_order(user, key, expected[user, key], before)
        self._check_nobody_has_two()
        self._check_nothing_was_taken_away()
        self._check_unknown_decides_nothing(before, expected)
        if report is not None:
            self._check_report(report, before, fresh, is_whole=is_whole, released=released)

    def _check_order(self, user, key, earned, before):
        award = before.get(self.pair(user, key))
        state = award.state if award else None
        decided = self.approval(user)
        assert self.programme.settings.delivery.is_live, "observe sends nothing"
        assert not self.is_suppressed(user), "nothing leaves for a suppressed person"
        assert CLASSES[key] not in self.programme.platform.failing, "its list is unread"
        assert award is None or not award.is_held_by_person, "a person holds it"
        assert state is not State.ISSUED, "it is issued"
        assert earned is not False, "it is not earned"
        assert earned or state in ON_THE_WAY, "unknown never awards"
        assert key is not MACRO or (decided is not None and decided.is_approved), "nobody approved it"

    def _check_nobody_has_two(self):
        assert max(self.programme.platform.live().values(), default=0) <= 1

    def _check_nothing_was_taken_away(self):
        """No pass revokes, and no issued award becomes anything else but at a person's word."""
        revoked = {one.assertion_id for one in self.programme.platform.held if one.is_revoked}
        moved = {becomes for was, becomes, _ in self.programme.state.history if was is State.ISSUED}
        assert revoked == self.revoked_by_people
        by_people = {*([State.REVOKED] if revoked else []), *([State.DUE] if self.was_retried else [])}
        assert moved <= {State.ISSUED, *by_people}

    def _check_report(self, report, before, fresh, *, is_whole, released):
        new = [pair for pair in fresh if not self._was_let_go(before.get(self.pair(*pair)))]
        cap = self.programme.settings.guard.max_awards_per_pass
        if report.outcome == "held":
            assert new == [], "a held plan issues nothing"
        elif is_whole and cap and released is None:
            assert len(new) <= cap, "the guard counts"
        if all(unit in self.programme.brightspace.failures for unit in UNITS.values()):
            assert report.outcome == "blind"

    def _check_unknown_decides_nothing(self, before, expected):
        after = newest(self.programme.state.awards)
        for (user, key), earned in expected.items():
            was, becomes = before.get(self.pair(user, key)), after.get(self.pair(user, key))
            is_unknown = earned is None and not self._rests_on_a_revoked_one(user, key, after)
            if is_unknown and was and becomes and was.state in JUDGED_ANEW:
                assert was.state is becomes.state or becomes.state is not State.LAPSED, "unknown takes nothing away"

    def _rests_on_a_revoked_one(self, user, key, after):
        """Tell whether a prerequisite is revoked by now: this pass may have learned it from the platform's list."""
        needed = [(one, after.get(self.pair(user, one))) for one in self.badge(key).requires]
        return any(
            (award is not None and award.state is State.REVOKED) or self._rests_on_a_revoked_one(user, one, after)
            for one, award in needed
        )

    def check_who_has_it(self):
        after, live = newest(self.programme.state.awards), self.programme.platform.live()
        for user in PEOPLE:
            for key in KEYS:
                award = after.get(self.pair(user, key))
                if self.earned(user, key) and self.is_allowed(user, key, award):
                    assert live[CLASSES[key], mail_of(user)] == 1, (user, key, award)
                    assert award is not None
                    assert award.state is State.ISSUED, award

    def check_that_a_quiet_pass_changes_nothing(self):
        before, reviews = list(self.programme.state.awards), list(self.programme.state.open_reviews)

        report = self.programme.later()

        assert self.programme.state.awards == before
        assert self.programme.state.open_reviews == reviews
        assert self._new_orders() == []
        assert (report.outcome, report.awards.issued, report.awards.adopted) == ("complete", 0, 0)

    # Judging by the facts alone.

    def earned(self, user, key):
        """Tell whether a badge is earned now: True, False, or None where that can't be seen."""
        parts = [] if key is MACRO else self._work(user, key)
        if key is LEVEL_2:
            parts.append(any(one.user_id == user for one in self.programme.state.roster))
        parts += [self._counts(user, needed) for needed in self.badge(key).requires]
        return False if False in parts else None if None in parts else True

    def _work(self, user, key):
        shown = self.programme.brightspace
        if UNITS[key] in shown.failures:
            return [None]
        if user not in shown.entries[UNITS[key]]:
            return [False]
        return [self._is_met(one.sources[0], user) for one in self.badge(key).criteria]

    def _is_met(self, source, user):
        shown: Any = self.programme.brightspace
        if source in shown.failures:
            return None
        fact = shown.facts.get(source, {}).get(user)
        stored: Any = self.programme.state.listings.get(source)
        was_there = stored is not None and user in stored.facts
        match fact:
            case None:
                return None if was_there or source is PORTFOLIO else False
            case HandIn():
                return True
            case QuizAttempts(attempts=made):
                is_reached = max(one.score or 0 for one in made) * 100 >= self.min_percent * 20
                gone = was_there and len(stored.facts[user].attempts) > len(made)
                return True if is_reached else None if gone else False
            case _:
                return fact.points * 100 >= 70 * fact.max_points

    def _counts(self, user, key):
        award = newest(self.programme.state.awards).get(self.pair(user, key))
        is_there = self.programme.platform.live()[CLASSES[key], mail_of(user)] > 0
        if (award is not None and award.state is State.ISSUED) or is_there:
            return True
        if award is not None and (award.state is State.REVOKED or award.is_held_by_person):
            return False
        return self.earned(user, key)

    def is_allowed(self, user, key, award):
        decided = self.approval(user)
        if self.is_suppressed(user) or (key is MACRO and not (decided and decided.is_approved)):
            return False
        if award is None:
            return True
        is_stopped = award.state is State.REVOKED or award.is_held_by_person
        is_declined = (CLASSES[key], mail_of(user)) in self.platform.declined
        return not is_stopped and not (award.state is State.FAILED and is_declined)

    # Short ways.

    def badge(self, key):
        return next(one for one in self.programme.pathways[0].badges if one.key == key)

    def pair(self, user, key):
        return Pair(person(user), CLASSES[key])

    def approval(self, user):
        return next((one for one in self.programme.state.approvals if one.person_id == person(user)), None)

    def is_suppressed(self, user):
        known = self.programme.state.people.get(person(user))
        return known is not None and known.is_suppressed

    def _was_let_go(self, award):
        return award is not None and (award.state in ON_THE_WAY or award.is_released)

    def _new_orders(self):
        who = {(CLASSES[key], mail_of(user)): (user, key) for user in PEOPLE for key in KEYS}
        orders = self.programme.platform.orders[self.seen_orders :]
        return [who[one.badge_class, one.address] for one in orders]

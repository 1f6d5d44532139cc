"""The part of the port `Records` that a person's acts need, on a MemoryState."""

from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import newest


class Clerk:
    """What administrators ask and say, written straight into the state in memory."""

    def __init__(self, state):
        self._state = state

    def find_people(self, text):
        return {PersonId(int(text))}

    def snapshot(self):
        return self._state.snapshot()

    def awards(self, state=None, badge=None):
        found = newest(self._state.awards).values()
        return [one for one in found if state in {None, one.state} and badge in {None, one.badge}]

    def change(self, change, *, at, pass_id, by=None):
        return self._state.change(change, at=at, pass_id=pass_id)

    def approvals(self):
        return tuple(self._state.approvals)

    def decide(self, approval):
        self._forget_approval(approval.person_id, approval.pathway, approval.badge)
        self._state.approvals.append(approval)
        return True

    def reject(self, approval, change, *, pair):
        is_still = self.change(change, at=approval.at, pass_id=None) if change else True
        return is_still and self.decide(approval)

    def reopen(self, change, *, at, by):
        if not self.change(change, at=at, pass_id=None):
            return False
        self._forget_approval(change.after.person_id, change.after.pathway, change.after.badge)
        return True

    def _forget_approval(self, person_id, pathway, badge):
        about = (person_id, pathway, badge)
        kept = [one for one in self._state.approvals if (one.person_id, one.pathway, one.badge) != about]
        self._state.approvals[:] = kept

    def reviews(self, *, open_only=True):
        return [one for one in self._state.reviews if one.is_open or not open_only]

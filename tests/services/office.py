"""An office: the real state database, a platform in memory, and a person at the keyboard."""

from d2l_sync.domain.award import Award, Holder, State
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.ports import PassRecord
from d2l_sync.services.desk import Desk
from d2l_sync.services.repair import Repair
from d2l_sync.store.state import StateStore
from tests.fakes import FakePlatform, TurnedClock
from tests.services.programme import ADA, CLASS_M, MACRO, NOON, PATHWAY, WHOLE, mail_of, person

BY_PERSON, BY_GUARD = "held by a person", "held by the guard"


class Office:
    """A ledger, a platform with a hand-made assertion on it, and a person at the keyboard."""

    def __init__(self, folder):
        self.clock = TurnedClock(NOON)
        self.state = StateStore.open(f"sqlite:///{folder}/state.db")
        self.platform = FakePlatform(self.clock)
        self.repair = Repair(self.state, self.platform, clock=self.clock)
        self.desk = Desk(self.state, (WHOLE,), clock=self.clock, search=lambda text: {person(ADA)} & {int(text)})
        self.by_hand = self.platform.hold(CLASS_M, "ada@home.example")

    def has(self, row, **fields):
        """Give Ada an award of the macro-badge in that state, and the platform what belongs to it."""
        if row == "none":
            return
        state = State.HELD if row in {BY_PERSON, BY_GUARD} else State(row)
        held_by = {BY_PERSON: Holder.PERSON, BY_GUARD: Holder.GUARD}.get(row)
        if state in {State.ISSUED, State.REVOKED}:
            made = self.platform.hold(CLASS_M, mail_of(ADA), is_revoked=state is State.REVOKED)
            fields["assertion_id"] = made.assertion_id
        award = Award(person(ADA), CLASS_M, PATHWAY, MACRO, state, held_by=held_by, address=mail_of(ADA), **fields)
        self.state.change(Change(None, award, "given"), at=NOON, pass_id=None)

    def reviews(self, kind):
        found = Finding(kind, "look at it", PATHWAY, MACRO, person(ADA))
        self.state.record(1, PassRecord(at=NOON, findings=(found,)))

    @property
    def award(self):
        return self.state.awards()[0]

    @property
    def everything(self):
        """Return all that an act could change."""
        return self.state.awards(), self.state.approvals(), self.state.history(person(ADA)), self.platform.held

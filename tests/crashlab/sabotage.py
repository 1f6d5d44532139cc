"""Negative controls: designs broken on purpose, in the child only. A laboratory that misses one proves nothing.

Every control takes one thing away and keeps all the rest of the program. Where two guards stand behind each other (the
look-up and the platform's own refusal of duplicates), the fault beside it has taken the other one away.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from d2l_sync.domain import adoption
from d2l_sync.domain.award import ON_ITS_WAY, Award, State
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.ports import PassRecord, Token, TokenState
from d2l_sync.domain.verdict import Truth
from d2l_sync.services import assess
from d2l_sync.services.deliver import Delivery
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore

SENT = r"POST /v\*/badgeclasses/\*/assertions: answered \| services/deliver"
UNSENT = r"POST /v\*/badgeclasses/\*/assertions: before \| services/deliver"
RECORDED = r"commit d2l-sync.db: after \| services/sync_pass._go_on > store/state.record"


@dataclass(frozen=True, slots=True)
class Control:
    """A broken design, and where it must show.

    fault: beside which. at: where to die, "" for no kill at all. shows: what the checker must find. sabotage: breaks
    this process's program.
    """

    name: str
    fault: str
    shows: str
    sabotage: Callable[[], None]
    at: str = ""


def _put(place: object, name: str, instead: Any) -> None:
    setattr(place, name, instead)


def _looks_nothing_up() -> None:
    """Send a doubtful award again without asking the platform about it."""
    compare = adoption.compare

    def blind(*args: Any, **kwargs: Any) -> adoption.Comparison:
        found = compare(*args, **kwargs)
        seen = [one for one in found.changes if one.before is None or one.before.state not in ON_ITS_WAY]
        return replace(found, changes=tuple(seen), confirmed=0)

    _put(assess, "compare", blind)
    _put(Delivery, "_look_up", lambda *_: [])


def _notes_no_intent() -> None:
    """Send first; what was claimed and what came of it are committed together."""

    def claim(*_: Any, **__: Any) -> bool:
        return True

    _put(StateStore, "claim", claim)
    _as_if_before_were(State.DUE, attempts=-1)


def _marks_before_sending() -> None:
    """Mark an award as issued, then send it: at most once."""
    change = StateStore.change

    def claim(self: StateStore, award: Award, *, at: datetime, pass_id: int | None) -> bool:
        due = replace(award, state=State.DUE, attempts=award.attempts - 1)
        issued = replace(award, state=State.ISSUED, issued_at=at)
        return change(self, Change(due, issued, "issued"), at=at, pass_id=pass_id)

    _put(StateStore, "claim", claim)
    _as_if_before_were(State.ISSUED, attempts=0)


def _as_if_before_were(state: State, *, attempts: int) -> None:
    """Let an answer be recorded over a row that a claim left in another state."""
    change = StateStore.change

    def changed(self: StateStore, asked: Change, **kwargs: Any) -> bool:
        before = asked.before
        if before is not None and before.state is State.SENDING:
            before = replace(before, state=state, attempts=before.attempts + attempts)
        return change(self, replace(asked, before=before), **kwargs)

    _put(StateStore, "change", changed)


def _decides_in_two_transactions() -> None:
    """Act on what is new only, and write what was seen and what follows from it one after the other."""
    record = StateStore.record

    def is_news(self: StateStore, change: Change) -> bool:
        after = change.after
        known = {(one.pathway, one.badge): one.truth for one in self.judgements(after.person_id)}
        return change.before is not None or known.get((after.pathway, after.badge)) is not Truth.MET

    def in_two(self: StateStore, pass_id: int, seen: PassRecord) -> int:
        news = tuple(change for change in seen.changes if is_news(self, change))
        changed = record(self, pass_id, replace(seen, changes=()))
        record(self, pass_id, PassRecord(at=seen.at, changes=news))
        return changed

    _put(StateStore, "record", in_two)


def _rests_not() -> None:
    """Look a doubtful award up at once, while the platform may still be storing it."""
    _put(Award, "is_resting", lambda *_: False)


def _takes_silence_for_refusal() -> None:
    """Take an award whose answer was lost for one that was not made."""

    def undoubted(_: Delivery, sending: Award, why: str) -> Change:
        return Change(sending, replace(sending, state=State.DUE, sent_to=()), why)

    _put(Delivery, "_doubt", undoubted)


def _takes_killed_for_unsent() -> None:
    """Take an award that a dead process was sending for one that never left."""

    def undoubted(self: StateStore, *, at: datetime, retry_at: datetime) -> int:
        sending = self.awards(State.SENDING)
        for one in sending:
            due = replace(one, state=State.DUE, sent_to=())
            self.change(Change(one, due, f"not sent, as it seems; not before {retry_at}"), at=at, pass_id=None)
        return len(sending)

    _put(StateStore, "doubt_sending", undoubted)


def _replaces_what_is_missing() -> None:
    """Send again whatever the platform's list shows no longer."""
    compare_issued = adoption._compare_issued  # noqa: SLF001 - a control breaks what is inside

    def replacing(badge: Any, award: Award, *rest: Any) -> adoption.Comparison:
        found = compare_issued(badge, award, *rest)
        if all(one.kind != "missing_there" for one in found.findings):
            return found
        due = replace(award, state=State.DUE, assertion_id=None, sent_to=())
        return replace(found, changes=(Change(award, due, "missing there"),))

    _put(adoption, "_compare_issued", replacing)


def _stores_tokens_after_use() -> None:
    """Keep a renewed Brightspace token in memory, and store it when the work is done."""
    read, save, close = FileTokenStore.read, FileTokenStore.save, FileTokenStore.close
    unsaved: dict[str, Token] = {}

    def read_late(self: FileTokenStore, service: str) -> TokenState:
        return TokenState(unsaved[service]) if service in unsaved else read(self, service)

    def save_late(self: FileTokenStore, service: str, token: Token) -> None:
        if service == "brightspace":
            unsaved[service] = token
        else:
            save(self, service, token)

    def close_late(self: FileTokenStore) -> None:
        for service, token in unsaved.items():
            save(self, service, token)
        close(self)

    _put(FileTokenStore, "read", read_late)
    _put(FileTokenStore, "save", save_late)
    _put(FileTokenStore, "close", close_late)


CONTROLS = {
    control.name: control
    for control in (
        Control("no look-up before resending", "closed after storing, duplicates taken", "double", _looks_nothing_up),
        Control("no intent record", "lists lag, duplicates taken", "double", _notes_no_intent, SENT),
        Control("marked as issued before it is sent", "none", "lost", _marks_before_sending, UNSENT),
        Control("facts and decision in two transactions", "none", "lost", _decides_in_two_transactions, RECORDED),
        Control("a doubtful award does not rest", "slow to store", "double", _rests_not),
        Control("silence taken for refusal", "lists lag, duplicates taken", "double", _takes_silence_for_refusal),
        Control("killed taken for unsent", "lists lag, duplicates taken", "double", _takes_killed_for_unsent, SENT),
        Control("missing there, sent again", "its list empty once", "double", _replaces_what_is_missing),
        Control("tokens stored after use", "none", "broken_chains", _stores_tokens_after_use, RECORDED),
    )
}

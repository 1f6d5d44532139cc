"""Wiring: the one place that knows which adapter stands behind which port."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

from d2l_sync.badging.badgr import Badgr
from d2l_sync.badging.platform import Limits
from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.enrolling import Enroller
from d2l_sync.brightspace.reader import Reader
from d2l_sync.brightspace.scopes import scopes_needed
from d2l_sync.brightspace.tokens import BrightspaceTokens
from d2l_sync.domain.criterion import Criterion, Quiz
from d2l_sync.domain.errors import StateError, UsageError
from d2l_sync.domain.facts import Failure, Source, SourceKind
from d2l_sync.domain.guard import HeldPlans
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.mail import Mail
from d2l_sync.domain.pathway import Pathway, leaves
from d2l_sync.domain.ports import Access, Brightspace
from d2l_sync.domain.service import Node
from d2l_sync.domain.settings import Settings
from d2l_sync.domain.sign_in import SIGN_IN_HINT, SignIn
from d2l_sync.logbook import LogBook, Shelf
from d2l_sync.mail import SmtpMailer
from d2l_sync.services.desk import Desk
from d2l_sync.services.digest import Digest, Memory, compose, what_waits
from d2l_sync.services.guarding import held_of, plan_of, release
from d2l_sync.services.half_sent import doubt_half_sent
from d2l_sync.services.look_for import look_for
from d2l_sync.services.observe import Progress, needs_of
from d2l_sync.services.pass_log import PassLog
from d2l_sync.services.repair import Repair
from d2l_sync.services.report import PassReport
from d2l_sync.services.scope import Scope
from d2l_sync.services.standing import Standing, standing
from d2l_sync.services.sync_pass import Surroundings, SyncPass
from d2l_sync.services.unasked import Unasked
from d2l_sync.store.anew import is_missing, tell_if_anew
from d2l_sync.store.connection import sqlite_file
from d2l_sync.store.lock import pass_lock
from d2l_sync.store.schema import newest_version, schema_version
from d2l_sync.store.service_state import ServiceState
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore
from d2l_sync.store.upkeep import CHECKPOINT_ABOVE, backup, checkpoint, verify


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Shared:
    """What outlives an application where a process opens one after another.

    stores_log: whether an application stores the log lines that are left when it is closed.
    stop: set when the process must end. on_call: told "brightspace" or "badging" and the status of each answer, 0 for
    none. pass_log: what the log was told of earlier passes.
    """

    stop: Event = field(default_factory=Event)
    on_call: Callable[[str, int], None] | None = None
    stores_log: bool = True
    pass_log: PassLog = field(default_factory=PassLog)


@dataclass(frozen=True, slots=True)
class Application:
    """Everything a command or the daemon works with, wired."""

    settings: Settings
    pathways: tuple[Pathway, ...]
    state: StateStore
    tokens: BrightspaceTokens
    token_store: FileTokenStore
    client: Client
    platform: Badgr
    shared: Shared

    def reader(self) -> Reader:
        """Begin a new reading of Brightspace, with the sign-in of now. Raises StateError."""
        self.tokens.look_again()
        return Reader(self.settings.brightspace, self.client, clock=now, points_given=_points_given(self.pathways))

    def sync_pass(self, scope: Scope, *, progress: Progress | None = None, released: int | None = None) -> SyncPass:
        """Prepare one pass. released: the number of the guard's plan that a person lets go."""
        access = Enroller(self.settings.brightspace, self.client)
        around = replace(self._surroundings(self.reader(), access), progress=progress)
        return SyncPass(around, scope, released=released)

    def release(self, number: int, *, by: str, progress: Progress | None = None) -> PassReport:
        """Let the plan that the guard held in a pass go, if it is the newest. The caller holds the pass lock.

        Raises UsageError in observe mode, and what a pass raises.
        """
        if not self.settings.delivery.is_live:
            raise UsageError("nothing is issued while delivery.mode is observe", hint='set it to "issue" to go live')
        plans = self.held_plans()
        plan = plan_of(number, plans, self.state.pass_)
        return release(plan, plans, self.sync_pass(Scope(), progress=progress, released=plan).run, by=by)

    def deliver_due(self) -> PassReport:
        """Deliver what is due without asking Brightspace, for as long as nobody is signed in there.

        A blind pass: what is doubtful is looked up, what is due is sent, and nothing is concluded. The caller holds
        the pass lock. Raises StateError.
        """
        failure = Failure("Brightspace was not asked, for want of a token", hint=SIGN_IN_HINT)
        unasked = Unasked(failure, now)
        return SyncPass(self._surroundings(unasked, unasked), Scope()).run()

    def _surroundings(self, brightspace: Brightspace, access: Access) -> Surroundings:
        return Surroundings(
            settings=self.settings,
            pathways=self.pathways,
            brightspace=brightspace,
            platform=self.platform,
            access=access,
            state=self.state,
            clock=now,
            stop=self.shared.stop,
            pass_log=self.shared.pass_log,
        )

    @contextmanager
    def pass_lock(self) -> Iterator[None]:
        """Hold the one lock for passes and deliveries; what its last holder left half sent is doubtful from here on.

        Raises Busy and StateError.
        """
        file = sqlite_file(self.settings.state_url)
        if file is None:
            raise StateError("passes are made on an SQLite database only", hint="check state.url")
        with pass_lock(file):
            doubt_half_sent(self.state, now=now(), settle=self.settings.delivery.settle)
            yield

    def backup(self, file: Path) -> None:
        """Copy the database beside running writers, verified. Raises StateError, and UsageError for the file."""
        backup(self.state.engine, file)

    def database_faults(self) -> list[str]:
        return [*verify(self.state.engine), *self.token_store.faults()]

    def mailer(self) -> SmtpMailer | None:
        """Return what hands mails over; None where no mail server is configured."""
        return SmtpMailer(self.settings.mail) if self.settings.mail.host else None

    def digest(self, memory: Memory | None = None) -> Digest | None:
        """Return what writes to programme staff; None where no mail server is configured."""
        mailer, every = self.mailer(), self.settings.mail.every
        return Digest(self.state, self.pathways, mailer, every=every, clock=now, memory=memory) if mailer else None

    def mail_of_now(self) -> Mail | None:
        """Return what a mail to programme staff would tell now, whether one is due or not; None while nothing waits."""
        waiting = what_waits(self.state, self.desk(), is_signed_out=self.sign_in().needed is not None)
        return None if waiting.is_nothing else compose(waiting, self.pathways, now())

    def log_book(self) -> LogBook:
        return LogBook(self.state)

    def tidy(self) -> None:
        """Move the write-ahead log into the database once it has grown; nothing else does."""
        checkpoint(self.state.engine, above=CHECKPOINT_ABOVE)

    def last_full_pass_on(self) -> date | None:
        """Return the day, in the schedule's time zone, of the last full pass over everything."""
        last = self.state.newest_pass([str(Scope(full=True))])
        return last.started_at.astimezone(self.settings.schedule.timezone).date() if last else None

    @property
    def service(self) -> ServiceState:
        """Return what running nodes and those who ask them for passes tell each other."""
        return ServiceState(self.state.engine)

    def live_nodes(self) -> list[Node]:
        """Return the daemons that run: they said so lately and, on this machine, their process is there."""
        here = socket.gethostname()
        fresh = [one for one in self.service.nodes() if one.is_fresh(now())]
        return [one for one in fresh if one.host != here or _is_running(one.process_id)]

    def held_plans(self) -> HeldPlans:
        """Return what the guard holds, by the number of the plan."""
        badges = [badge for pathway in self.pathways for badge in pathway.badges]
        return held_of(self.state.snapshot(), badges)

    def repair(self) -> Repair:
        return Repair(self.state, self.platform, clock=now)

    def desk(self) -> Desk:
        return Desk(self.state, self.pathways, clock=now, search=self.search)

    def schema_version(self) -> str:
        return schema_version(self.state.engine) or "none"

    def sign_in(self) -> SignIn:
        """Tell how the service is signed in at Brightspace. Raises StateError."""
        is_by_person = self.settings.brightspace.auth != "client_credentials"
        return SignIn(self.token_store.read("brightspace"), is_by_person=is_by_person)

    def platform_refusal(self) -> str | None:
        """Say why the badging platform takes our credentials no more, as of the last try. Raises StateError."""
        return self.token_store.read("badging").lost_because

    def standing(self) -> Standing:
        """Say how things stand. Raises StateError."""
        today = now().astimezone(self.settings.schedule.timezone).date()
        read = needs_of(((one, one.badges) for one in self.pathways), today)
        return standing(self.state, read.org_units)

    def not_ready(self) -> str | None:
        """Say what keeps passes from being made, as far as this machine can tell; None when nothing does."""
        try:
            if schema_version(self.state.engine) != newest_version():
                return "the state database is not of this program's version: d2l-sync db upgrade"
            return self.sign_in().needed or self.platform_refusal()
        except StateError as error:
            return f"{error}: {error.hint}"

    def search(self, text: str) -> set[PersonId]:
        """Look for a learner on the classlists as they are now; nothing is stored."""
        units = {unit for pathway in self.pathways for unit in pathway.org_units}
        return look_for(text, self.reader(), units)


@contextmanager
def open_application(
    settings: Settings, pathways: tuple[Pathway, ...], *, shared: Shared | None = None
) -> Iterator[Application]:
    """Open the state database (made on first use) and the adapters. Raises StateError."""
    shared = shared or Shared()
    scopes, on_call = scopes_for(pathways), shared.on_call
    with ExitStack() as opened:
        was_missing = is_missing(settings.state_url)
        state = StateStore.open(settings.state_url)
        opened.callback(state.close)
        if shared.stores_log:
            opened.callback(LogBook(state).store)
        token_store = FileTokenStore(settings.state_url)
        opened.callback(token_store.close)
        if was_missing:
            tell_if_anew(state, token_store, at=now())
        tokens = BrightspaceTokens(settings.brightspace, token_store, clock=now, scopes=scopes, on_call=on_call)
        client = Client(settings.brightspace, tokens, stop=shared.stop, on_call=on_call)
        opened.callback(client.close)
        limits = Limits(connections=settings.delivery.connections)
        platform = Badgr(settings.badging, token_store, clock=now, limits=limits, on_call=on_call)
        opened.callback(platform.close)
        yield Application(settings, pathways, state, tokens, token_store, client, platform, shared)


def log_book_on(shelf: Shelf) -> LogBook:
    """Return a log book for a shelf that outlives applications."""
    return LogBook(shelf)


def state_directory(settings: Settings) -> Path | None:
    """Return the folder of the state database; None where it is on a server. Raises StateError."""
    file = sqlite_file(settings.state_url)
    return file.parent if file else None


def scopes_for(pathways: tuple[Pathway, ...]) -> tuple[str, ...]:
    """Return the fewest scopes that these pathways need."""
    badges = [badge for pathway in pathways for badge in pathway.badges]
    sources = {source for badge in badges for source in badge.sources}
    quizzes = {source for source in sources if source.kind is SourceKind.QUIZ}
    return scopes_needed(
        {source.kind for source in sources},
        asks_for_points=bool(quizzes - _points_given(pathways)),
        has_groups=any(pathway.teams.category_id is not None for pathway in pathways),
        enrols=any(badge.enrol for badge in badges),
    )


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _points_given(pathways: tuple[Pathway, ...]) -> frozenset[Source]:
    """Return the quizzes whose points possible the pathway file states, in every criterion that names them."""
    given: set[Source] = set()
    needed: set[Source] = set()
    for pathway in pathways:
        for criterion in leaves(one for badge in pathway.badges for one in badge.criteria):
            if isinstance(criterion, Criterion) and isinstance(criterion.rule, Quiz):
                (given if criterion.rule.max_points else needed).update(criterion.sources)
    return frozenset(given - needed)

"""Power cuts: what the real store says to SQLite while passes are made, repeated on a simulated disk that loses power.

The workload runs through the store's own code, schema and settings; every statement that reaches SQLite is noted with
its values. The same statements then go to the simulated disk. A commit that came back is acknowledged: an image must
hold exactly what was committed by then, or one commit more, and be sound.
"""

import hashlib
import random
import shutil
import sqlite3
import sqlite3.dbapi2
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import apsw
from structlog.testing import capture_logs

from d2l_sync.domain.ids import UserId
from d2l_sync.domain.ledger import Approval
from d2l_sync.domain.ports import Token
from d2l_sync.domain.roster import RosterRow
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore
from d2l_sync.store.upkeep import checkpoint
from tests.crashlab.disk import Disk, Operation, image_after_cut, write_image
from tests.services.programme import (
    LEVEL_1,
    MACRO,
    PATHWAY,
    PORTFOLIO,
    PROJECT,
    Programme,
    hand_in,
    mark,
    person,
)

LEARNERS = tuple(map(UserId, range(401, 405)))
HOUR = timedelta(hours=1)
FULL, NORMAL = "synchronous=FULL", "synchronous=NORMAL"
Content = str
NOTHING: Content = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one database was told. file: its name."""

    file: str
    sql: str


@dataclass
class Cuts:
    """What became of so many cuts.

    lost: after how many something acknowledged was gone, at the most so many commits. corrupt: how many left an
    unsound database, or one with something that never was.
    """

    cuts: int = 0
    lost: int = 0
    most_lost: int = 0
    corrupt: int = 0


@dataclass
class Course:
    """What happened on the disk: every operation, and after how many of them each commit was acknowledged.

    contents: of each database after each acknowledged commit, nothing first.
    """

    operations: list[Operation]
    contents: dict[str, list[Content]] = field(default_factory=dict)
    acknowledged: dict[str, list[int]] = field(default_factory=dict)

    def acknowledge(self, file: str, content: Content) -> None:
        self.contents.setdefault(file, [NOTHING]).append(content)
        self.acknowledged.setdefault(file, []).append(len(self.operations))


def said_by_the_store() -> list[Statement]:
    """Make passes, decide, renew tokens and tidy up on real databases; return every statement that SQLite got."""
    said: list[Statement] = []
    with tempfile.TemporaryDirectory() as folder, capture_logs(), _overheard(said):
        url = f"sqlite:///{folder}/state.db"
        with closing(StateStore.open(url)) as state, closing(FileTokenStore(url)) as tokens:
            _work(state, tokens)
    return said


def _work(state: StateStore, tokens: FileTokenStore) -> None:
    programme = Programme()
    programme.sets(delivery={"connections": 1})
    programme.state = state  # type: ignore[assignment]
    programme.enrol(*LEARNERS)
    for number, user_id in enumerate(LEARNERS):
        _renew(tokens, programme.clock(), number)
        programme.earns(user_id, LEVEL_1)
        programme.later()
        if number % 2:
            checkpoint(state.engine)
        state.import_roster([RosterRow("Owls", user_id=user_id, confirmed_on=date(2026, 1, 5))], replace=False)
        programme.brightspace.show(PROJECT, user_id, hand_in())
        programme.brightspace.show(PORTFOLIO, user_id, mark("15"))
        programme.later()
        state.decide(Approval(person(user_id), PATHWAY, MACRO, is_approved=True, by="hopper", at=programme.clock()))
        programme.later()


def _renew(tokens: FileTokenStore, at: datetime, number: int) -> None:
    with tokens.renewing("brightspace"):
        tokens.begin("brightspace", at=at)
        tokens.save("brightspace", Token(f"access-{number}", at + HOUR, f"refresh-{number}", at, number))


@contextmanager
def _overheard(said: list[Statement]) -> Iterator[None]:
    """Note whatever is said to SQLite from here on, with its values filled in."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.dbapi2.connect

    def noted(database: str, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        made = connect(database, *args, **kwargs)
        name = Path(database.partition("?")[0]).name  # it may be an address, how to open it behind the name
        made.set_trace_callback(lambda sql: said.append(Statement(name, sql)))
        return made

    with mock.patch.object(sqlite3.dbapi2, "connect", noted):
        yield


def on_the_disk(said: Iterable[Statement], folder: Path, *, is_weaker: bool = False) -> Course:
    """Say the same to a simulated disk. is_weaker: with a setting that does not wait for the disk at a commit."""
    disk = Disk(folder)
    course = Course(disk.operations)
    with ExitStack() as ended:
        databases: dict[str, apsw.Connection] = {}
        for one in said:
            if one.file not in databases:
                databases[one.file] = ended.enter_context(closing(disk.connect(one.file)))
            database = databases[one.file]
            database.execute(one.sql.replace(FULL, NORMAL) if is_weaker else one.sql).fetchall()
            if one.sql == "COMMIT":
                course.acknowledge(one.file, content_of(database))
    return course


def content_of(database: Any) -> Content:
    """Return a digest of every row of every table, and of the schema."""
    digest = hashlib.sha256()
    schema = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in schema:
        rows = database.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall()  # noqa: S608 - its own names
        digest.update(repr((name, sql, [tuple(row) for row in rows])).encode())
    return digest.hexdigest() if schema else NOTHING


def cut(course: Course, times: int, seed: int = 1) -> Cuts:
    """Cut the power so many times, anywhere, and look at what is left."""
    dice = random.Random(seed)  # noqa: S311 - a seed to repeat it
    found = Cuts()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            at = dice.randrange(len(course.operations) + 1)
            place = Path(folder) / str(number)
            place.mkdir()
            write_image(image_after_cut(course.operations, at, dice), place)
            _judge(course, at, place, found)
            shutil.rmtree(place)
    return found


def _judge(course: Course, at: int, place: Path, found: Cuts) -> None:
    found.cuts += 1
    missing, is_corrupt = 0, False
    for file, contents in course.contents.items():
        acknowledged = bisect_right(course.acknowledged[file], at)
        content = _read(place / file)
        if content in contents[acknowledged : acknowledged + 2]:
            continue
        earlier = [number for number, one in enumerate(contents[:acknowledged]) if one == content]
        is_corrupt |= not earlier
        missing = max(missing, acknowledged - max(earlier, default=acknowledged))
    found.lost += missing > 0
    found.most_lost = max(found.most_lost, missing)
    found.corrupt += is_corrupt


def _read(file: Path) -> Content | None:
    """Return what a database holds as SQLite finds it after the cut; None when it is unsound."""
    try:
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA synchronous=OFF")  # nobody cuts the power of the reader
            if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            return None if database.execute("PRAGMA foreign_key_check").fetchall() else content_of(database)
    except sqlite3.DatabaseError:
        return None

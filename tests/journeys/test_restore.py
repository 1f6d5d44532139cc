"""Copies of the database: made beside a running pass, made before a migration, and put back when all else is lost."""

import sqlite3
from contextlib import closing

from alembic import command
from alembic.config import Config

from d2l_sync.store.connection import bare_engine, file_url
from d2l_sync.store.schema import MIGRATIONS
from tests.journeys.service import eventually


def put_back(desk, backup):
    """Do what an operator does: the copy takes the database's place, the tokens beside it stay."""
    database = desk.folder / "state" / "d2l-sync.db"
    for name in ("", "-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    backup.rename(database)


def test_a_backup_from_before_a_hundred_awards_leads_to_none_issued_and_a_hundred_adopted(open_desk, tmp_path):
    desk = open_desk(learners=120)
    desk.sign_in()
    desk.configure('mode = "issue"', 'mode = "observe"')
    desk.sync()  # adopts what was made by hand
    backup = tmp_path / "backup.db"
    copied = desk.run("db", "backup", backup)
    desk.configure('mode = "observe"', 'mode = "issue"')
    issued = desk.sync()["awards"]["issued"]
    held = desk.held()

    put_back(desk, backup)
    report = desk.sync()

    assert (copied.code, issued, held) == (0, 100, desk.expected("before_approvals"))
    assert (report["awards"]["issued"], report["awards"]["adopted"], desk.held()) == (0, 100, held)


def test_a_backup_beside_a_running_pass_is_whole_and_leads_to_no_award_sent_again(desk, tmp_path):
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="stall", seconds=0.1)
    running = desk.start("sync", "--json")
    eventually(lambda: len(sent(desk)) >= 8)

    copied = desk.run("db", "backup", tmp_path / "backup.db")
    again = desk.run("db", "backup", tmp_path / "backup.db")
    passed = running.answer()
    before = sent(desk)
    put_back(desk, tmp_path / "backup.db")
    verified = desk.run("db", "verify")
    desk.sync()

    assert (copied.code, passed.code, verified.code) == (0, 0, 0)
    assert (again.code, "is there already" in again.err) == (2, True)
    assert (sent(desk), desk.held()) == (before, desk.expected("before_approvals"))


def test_a_database_of_an_older_program_is_copied_and_then_brought_up_to_date(desk):
    desk.sync()
    awards, held = desk.listed("awards", "list"), desk.held()
    database = desk.folder / "state" / "d2l-sync.db"
    turn_back(database, "0001")

    status = desk.run("status")
    copies = list(database.parent.glob("d2l-sync-0001-*.db"))

    assert (status.code, [version_of(copy) for copy in copies], version_of(database) > "0001") == (0, ["0001"], True)
    assert desk.listed("awards", "list") == awards
    assert (desk.sync()["awards"]["issued"], desk.held()) == (0, held)


def test_a_database_that_is_lost_leads_to_no_award_sent_again_and_to_a_review_that_stays(desk):
    """What was issued is in the platform's lists; what people had decided is nowhere, and somebody should know."""
    desk.sync()
    before, first = sent(desk), desk.listed("reviews", "list")

    for part in (desk.folder / "state").glob("d2l-sync.db*"):
        part.unlink()
    told = desk.run("sync", "--json")
    desk.sync()
    (review,) = [one for one in desk.listed("reviews", "list") if one["kind"] == "begun_anew"]
    desk.run("reviews", "close", review["id"])
    desk.sync()

    assert (sent(desk), desk.held()) == (before, desk.expected("before_approvals"))
    assert (told.json["awards"]["issued"], "state_remade" in told.err) == (0, True)
    assert "restore a backup" in review["what"]
    assert "begun_anew" not in {one["kind"] for one in [*first, *desk.listed("reviews", "list")]}


def sent(desk):
    return [one["body"] for one in desk.sandbox.journal(server="badgr", method="POST", path="/assertions")]


def turn_back(database, version):
    """Make what an older program would have left: its schema, with these rows as far as it knew their columns."""
    old = database.with_name("older.db")
    engine = bare_engine(file_url(old))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()
    with closing(sqlite3.connect(old)) as both, both:
        both.execute("ATTACH ? AS now", (str(database),))
        tables = {row[0] for row in both.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
        for table in tables - {"alembic_version", "sqlite_sequence"}:
            columns = ", ".join(row[1] for row in both.execute(f"PRAGMA main.table_info({table})"))
            both.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")  # noqa: S608
    for name in ("", "-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    old.rename(database)


def version_of(database):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]

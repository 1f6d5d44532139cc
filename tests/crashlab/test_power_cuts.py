"""The power cut while the store works: a quick selection of what `make crash-lab` does two thousand times."""

import pytest

from tests.crashlab.powercuts import Cuts, cut, on_the_disk, said_by_the_store

SOME = 200


@pytest.fixture(scope="module")
def said():
    return said_by_the_store()


def test_no_power_cut_loses_what_was_acknowledged(said, tmp_path):
    course = on_the_disk(said, tmp_path)

    assert cut(course, SOME) == Cuts(cuts=SOME, lost=0, most_lost=0, corrupt=0)


def test_the_simulated_disk_loses_what_nobody_waited_for(said, tmp_path):
    """The disk is believed because it tells the settings apart: the weaker one loses commits, and nothing else."""
    course = on_the_disk(said, tmp_path, is_weaker=True)

    found = cut(course, SOME)

    assert found.lost > 0
    assert found.corrupt == 0


def test_both_databases_are_written_and_checkpointed(said, tmp_path):
    """Otherwise the cuts would prove less than they say."""
    course = on_the_disk(said, tmp_path)

    synced = {one.file for one in course.operations if one.kind == "sync"}
    assert set(course.contents) == {"state.db", "state-tokens.db"}
    assert {"state.db", "state.db-wal", "state-tokens.db-wal"} <= synced
    assert [one.sql for one in said if "wal_checkpoint" in one.sql]

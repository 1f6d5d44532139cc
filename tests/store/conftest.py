"""A state store on a real file, opened anew for each test and closed after it."""

import pytest

from d2l_sync.store.state import StateStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "d2l-sync.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def store(url):
    store = StateStore.open(url)
    yield store
    store.close()

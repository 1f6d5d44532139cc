"""What `check` looks at once more as the service's user."""

from types import SimpleNamespace

import pytest

from d2l_sync.cli.check import own_look
from d2l_sync.domain.errors import ConfigError
from tests.configuration.files import PATHWAY, service_text, write


@pytest.fixture
def application(tmp_path):
    """Stand in for one whose configuration was read, by root perhaps."""
    source = write(tmp_path, service_text({}), mcd=PATHWAY)
    settings = SimpleNamespace(source=source, pathway_files=(tmp_path / "pathways/mcd.toml",))
    return SimpleNamespace(settings=settings, pathways=("mcd",))


def test_files_that_the_service_may_read_are_no_fault(application):
    assert own_look(application) == "1 pathway, no fault"


def test_each_file_that_only_root_may_read_is_a_fault(application, monkeypatch):
    """Root copied a pathway file with a mode of 0640, and asks whether all is well; the service would not start."""
    monkeypatch.setattr("os.access", lambda path, _how: path.name != "mcd.toml")

    with pytest.raises(ConfigError, match=r"mcd\.toml: the service's user may not read it .*group"):
        own_look(application)

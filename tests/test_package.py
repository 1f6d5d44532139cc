"""What the source package holds is enough to build, install and test from."""

import tarfile
from pathlib import Path

from hatchling.build import build_sdist

CHECKOUT = Path(__file__).parent.parent
MADE_HERE = {"build", "dist", "htmlcov", "state"}


def test_the_source_package_holds_every_folder_of_the_source(tmp_path, monkeypatch):
    """The tests read the documents, the units and the alerts, and make needs the rest."""
    monkeypatch.chdir(CHECKOUT)
    with tarfile.open(tmp_path / build_sdist(str(tmp_path))) as package:
        packed = {name.split("/")[1] for name in package.getnames()}

    folders = {one.name for one in CHECKOUT.iterdir() if one.is_dir() and not one.name.startswith(".")}
    assert folders - MADE_HERE <= packed
    assert {".ci", "Makefile", "README.md", "CHANGELOG.md", "pyproject.toml"} <= packed

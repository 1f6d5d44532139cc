"""The program as a site gets it: packed once, installed once below a scratch root."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

from tests.conftest import AS_FOUND

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 1500
# Where an index would be asked, nobody answers; and no setting of this machine helps.
OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}


def make(*words):
    command = ["make", "--no-print-directory", *words]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=AS_FOUND, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(bundle, root):
    """Run the installer for a scratch root, as on a host that reaches no package index."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {**OFFLINE, "DESTDIR": str(root)}
    return subprocess.run(
        [bundle / "install.sh"], env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """Unpack what `make wheelhouse` packs."""
    make("wheelhouse")
    (packed,) = (CHECKOUT / "dist").glob("d2l-sync-*-offline.tar.gz")
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def installed(bundle):
    """Install below a root that everybody may look into, as everybody may into a real one."""
    root = Path(tempfile.mkdtemp(prefix="d2l-sync-root-"))
    root.chmod(0o755)
    done = install(bundle, root)
    assert done.returncode == 0, done.stdout + done.stderr
    yield root
    shutil.rmtree(root)

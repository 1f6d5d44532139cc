"""What the service answers over HTTP comes from the application of now."""

import socket
from types import SimpleNamespace
from typing import Any

import requests

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.front import Front
from d2l_sync.daemon.pulse import Pulse


def application(fault):
    return SimpleNamespace(not_ready=lambda: fault)


def test_after_a_reload_the_new_application_says_whether_it_is_ready():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    settings: Any = SimpleNamespace(console_listen=listen, source="d2l-sync.toml")
    installation: Any = SimpleNamespace(application=application("a person must sign in"))
    front = Front(installation, figures=Figures(), pulse=Pulse())
    front.open(settings)

    before = requests.get(f"http://{listen}/readyz", timeout=5)
    installation.application = application(None)
    after = requests.get(f"http://{listen}/readyz", timeout=5)
    front.close()

    assert (before.status_code, before.text.strip(), after.status_code) == (503, "a person must sign in", 200)

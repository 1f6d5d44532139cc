"""What boot.sh runs as root beside a real systemd: the installed program as a site uses it, one question after another.

Writes what it saw to /results/seen.json; tests/systemd/test_service.py judges it. Standard library only.
"""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHECKOUT = Path(sys.argv[1])
SANDBOX = Path("/srv/sandbox")
ETC, STATE, UNITS = Path("/etc/d2l-sync"), Path("/var/lib/d2l-sync"), Path("/etc/systemd/system")
UNIT = "d2l-sync.service"
PROPERTIES = ("ActiveState", "ExecMainStatus", "MainPID", "NRestarts", "Result", "StatusText")
PATIENCE_S = 120
# As the unit is, but less patient: 15 s to stop would prove less than 10, and two minutes for a hang are long for a
# test. A busy machine may be silent for some seconds, so that the watchdog is in a hurry for those two questions only.
FAST = "[Service]\nRestartSec=100ms\nTimeoutStopSec=10\nTimeoutAbortSec=2\n"
IMPATIENT = "[Service]\nWatchdogSec=5\n"


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def sh(*words: object, given: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in words], input=given, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    if words[:2] != ("journalctl", "--sync"):
        say("$", *words, "→", done.returncode, done.stdout[-1500:], done.stderr[-1500:])
    return done


def shown(unit: str = UNIT) -> dict[str, str]:
    told = sh("systemctl", "show", f"--property={','.join(PROPERTIES)}", unit).stdout
    return dict(line.partition("=")[::2] for line in told.splitlines())


def journal(*words: str) -> str:
    sh("journalctl", "--sync")
    return sh("journalctl", "--no-pager", "--output=cat", *words).stdout


def wait_for(told: Callable[[], Any], what: str) -> Any:
    """Return the first answer that says something; wait a while for it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := told():
            return answer
        time.sleep(0.1)
    raise TimeoutError(what)


def prepare() -> None:
    """Make user and folders by our snippets, start the pretended systems, and configure the program for them."""
    for command in ("systemd-sysusers", "systemd-tmpfiles --create"):
        sh(*command.split())
    (UNITS / "sandbox.service").write_text(
        "[Unit]\nDefaultDependencies=no\n[Service]\n"
        f"ExecStart={CHECKOUT}/.venv/bin/python -m d2l_sync.sandbox --quiet --learners 60 --directory {SANDBOX}\n"
        f"WorkingDirectory={CHECKOUT}\n",
        encoding="utf-8",
    )
    change_unit("fast.conf", FAST)
    sh("systemctl", "start", "sandbox.service")
    wait_for(is_configured, "the sandbox")
    configure(ETC, STATE)


def change_unit(name: str, text: str) -> None:
    """Change the unit by a drop-in, from its next start on."""
    folder = UNITS / f"{UNIT}.d"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    sh("systemctl", "daemon-reload")


def is_configured() -> bool:
    """Tell whether the last file that the sandbox writes is there, up to its last line."""
    file = SANDBOX / "config/d2l-sync.toml"
    return file.is_file() and "\nlisten = " in file.read_text(encoding="utf-8")


def configure(etc: Path, state: Path) -> None:
    text = (SANDBOX / "config/d2l-sync.toml").read_text(encoding="utf-8").replace('"secrets/', '"credentials/')
    for folder in ("pathways", "credentials"):
        (etc / folder).mkdir(parents=True, exist_ok=True)
    for rules in (SANDBOX / "config/pathways").iterdir():
        shutil.copy(rules, etc / "pathways")
    (etc / "d2l-sync.toml").write_text(f'{text}\n[state]\nurl = "sqlite:///{state}/d2l-sync.db"\n', encoding="utf-8")
    for name in ("brightspace_client_secret", "badging_client_secret"):
        shutil.copy(SANDBOX / "config/secrets" / name, etc / "credentials" / name)
    sh("systemd-tmpfiles", "--create")
    sh("chown", "-R", "root:d2l-sync", etc)
    sh("chown", "-R", "root:root", etc / "credentials")
    sh("chmod", "-R", "g-w,o-rwx", etc)
    sh("chmod", "-R", "go-rwx", etc / "credentials")


@contextmanager
def broken_configuration() -> Iterator[None]:
    file = ETC / "d2l-sync.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("[delivery]", "[delivery]\nfaulty = 1"), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def files_of(folder: Path) -> dict[str, list[str]]:
    """Return who owns each file and what its mode is; a log of SQLite's may go while one looks."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        with suppress(FileNotFoundError):
            seen = path.stat()
            found[str(path)] = [pwd.getpwuid(seen.st_uid).pw_name, f"{seen.st_mode & 0o777:o}"]
    return found


def main_pid() -> int:
    """Return the process of the service. Raises ValueError while it is not running."""
    pid = int(shown()["MainPID"])
    if pid == 0:
        raise ValueError(f"{UNIT} is not running")
    return pid


def commands_by_root() -> Any:
    """Before the service ever ran: root signs in, and takes over a roster which only root may read."""
    token = (SANDBOX / "refresh-token.txt").read_text(encoding="utf-8")
    roster = Path("/root/roster.csv")
    shutil.copy(SANDBOX / "roster.csv", roster)
    roster.chmod(0o600)
    ended = [
        sh("d2l-sync", "check", "--offline").returncode,
        sh("d2l-sync", "auth", "import", given=token).returncode,
        sh("d2l-sync", "teams", "import", roster).returncode,
    ]
    return {"ended": ended, "files": files_of(STATE)}


def start() -> Any:
    done = sh("systemctl", "start", UNIT)
    sh("systemctl", "--no-pager", "--full", "status", UNIT)
    wait_for(lambda: shown()["StatusText"], "a status line")
    status = sh("systemctl", "--no-pager", "status", UNIT).stdout
    return {"code": done.returncode, "state": shown()["ActiveState"], "line": re.findall(r"Status: \"(.*)\"", status)}


def first_pass() -> Any:
    """See the secrets reach the service: only with them it reads one system, and writes to the other."""
    wait_for(lambda: "pass_ended" in journal("-u", UNIT), "the end of a pass")
    found = wait_for(ended_passes, "a pass that has ended")
    issued = json.loads(sh("d2l-sync", "awards", "list", "--state", "issued", "--json").stdout)
    return {"passes": found, "issued": len(issued), "files": files_of(STATE)}


def ended_passes() -> list[Any]:
    """Return the passes that have an outcome, the oldest first: the next one may be under way."""
    listed = json.loads(sh("d2l-sync", "passes", "list", "--json").stdout or "[]")
    return [one for one in reversed(listed) if one["outcome"]]


def confinement() -> Any:
    status = Path(f"/proc/{main_pid()}/status").read_text(encoding="utf-8")
    told = dict(line.partition(":\t")[::2] for line in status.splitlines())
    return {
        "user": pwd.getpwuid(int(told["Uid"].split()[0])).pw_name,
        **{key: told[key] for key in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")},
    }


def reload() -> Any:
    before = main_pid()
    file = ETC / "d2l-sync.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('every = "1m"', 'every = "2m"'), encoding="utf-8")
    code = sh("systemctl", "reload", UNIT).returncode
    wait_for(lambda: "configuration_reloaded" in journal("-u", UNIT), "the reload")
    return {"code": code, "is_same_process": main_pid() == before, "state": shown()["ActiveState"]}


def reload_broken() -> Any:
    before = main_pid()
    with broken_configuration():
        sh("systemctl", "reload", UNIT)
        wait_for(lambda: "reload_refused" in journal("-u", UNIT), "the refusal")
    return {
        "is_same_process": main_pid() == before,
        "state": shown()["ActiveState"],
        "is_key_named": "delivery.faulty" in journal("-u", UNIT),
    }


def restarted(break_it: Callable[[int], None]) -> Any:
    before, count = main_pid(), int(shown()["NRestarts"])
    break_it(before)
    wait_for(lambda: int(shown()["NRestarts"]) > count and shown()["ActiveState"] == "active", "the next start")
    return {"is_new_process": main_pid() not in {0, before}, "state": shown()["ActiveState"]}


def kill() -> Any:
    change_unit("impatient.conf", IMPATIENT)
    return restarted(lambda pid: os.kill(pid, signal.SIGKILL))


def hang() -> Any:
    """Stop every thread of it without ending it: only the watchdog can notice."""
    seen = restarted(lambda pid: os.kill(pid, signal.SIGSTOP))
    return {**seen, "is_watchdog": "Watchdog timeout" in journal("-u", UNIT)}


def stop() -> Any:
    """In less than the 10 s after which systemd would kill it and say `timeout`."""
    code = sh("systemctl", "stop", UNIT).returncode
    return {"code": code, **{key: shown()[key] for key in ("ActiveState", "Result", "ExecMainStatus")}}


def faulty_configuration() -> Any:
    """Start with what a person has to mend: that is not tried again and again, and somebody is told."""
    with broken_configuration():
        code = sh("systemctl", "start", UNIT).returncode
        told = wait_for(lambda: journal("--identifier=d2l-sync-alert", "--priority=alert"), "the alert")
    seen = {key: shown()[key] for key in ("ActiveState", "ExecMainStatus", "NRestarts")}
    sh("systemctl", "reset-failed")
    return {"code": code != 0, **seen, "is_told": UNIT in told}


def timer_pair() -> Any:
    code = sh("systemctl", "start", "d2l-sync-pass.service").returncode
    return {"code": code, "result": shown("d2l-sync-pass.service")["Result"]}


def tenant() -> Any:
    etc, state = ETC / "acme", STATE / "acme"
    configure(etc, state)
    unit = "d2l-sync@acme.service"
    code = sh("systemctl", "start", unit).returncode
    wait_for((state / "d2l-sync.db").is_file, "the tenant's database")
    command = ("d2l-sync", "--config", etc / "d2l-sync.toml", "status", "--json")
    seen = {
        "code": code,
        "state": shown(unit)["ActiveState"],
        "status": sh(*command).returncode,
        "files": files_of(state),
    }
    sh("systemctl", "stop", unit)
    return seen


QUESTIONS = (
    commands_by_root,
    start,
    first_pass,
    confinement,
    reload,
    reload_broken,
    kill,
    hang,
    stop,
    faulty_configuration,
    timer_pair,
    tenant,
)


def ask(question: Callable[[], Any]) -> Any:
    """Return what was seen, or why nothing was: the next question is asked all the same."""
    say(f"\n== {question.__name__} at {time.monotonic():.1f}")
    try:
        return question()
    except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    prepare()
    seen = {question.__name__: ask(question) for question in QUESTIONS}
    say(journal("-u", UNIT)[-20000:])
    Path("/results/seen.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

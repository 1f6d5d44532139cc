"""What is written down for operators holds no secret, no name and no address, at any level."""

import json
import sqlite3

COMMANDS = [
    ("sync", "--json"),
    ("plan",),
    ("check",),
    ("status",),
    ("awards", "list", "--state", "failed"),
    ("passes", "list"),
    ("auth", "status"),
    ("auth", "scopes"),
    ("pathway", "show"),
    ("db", "verify"),
    ("sync",),
]


def test_a_debug_log_of_whole_runs_holds_no_secret_name_or_address(desk):
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    desk.sandbox.configuration.write_text(f'{text}\n[log]\nlevel = "debug"\n', encoding="utf-8")
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="lose_answer", times=2)
    desk.sandbox.trouble("brightspace", "/quizzes/", kind="status", status=500, times=4)

    logs = "".join(desk.run(*words).err for words in COMMANDS)

    secrets = [file.read_text(encoding="utf-8").strip() for file in (desk.folder / "config" / "secrets").iterdir()]
    tokens = sqlite3.connect(desk.folder / "state" / "d2l-sync-tokens.db")
    secrets += [word for row in tokens.execute("SELECT * FROM token") for word in row if _is_secret(word)]
    tokens.close()
    addresses = [address for address, _ in desk.sandbox.expected()["after_approvals"]]
    names = [address.split("@")[0] for address in addresses]
    assert len(logs.splitlines()) > 100
    assert [word for word in {*secrets, *addresses, *names} if word in logs] == []


def _is_secret(word: object) -> bool:
    return isinstance(word, str) and len(word) > 20 and " " not in word


def test_the_award_as_sent_names_criteria_and_its_key_and_no_score(desk):
    desk.sync()

    sent = [one["body"] for one in desk.sandbox.journal(server="badgr", method="POST", path="/assertions")]

    bodies = [json.loads(body) if isinstance(body, str) else body for body in sent]
    assert {frozenset(body) for body in bodies} == {
        frozenset({"recipient", "issuedOn", "narrative", "allowDuplicateAwards", "notify"})
    }
    assert all(" Ref " in body["narrative"] and " of 10" not in body["narrative"] for body in bodies)
    assert all(body["allowDuplicateAwards"] is False for body in bodies)

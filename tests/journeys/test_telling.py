"""The running service tells people what waits for them, and their monitoring whether it sees everything."""

from tests.journeys.service import events, eventually, stop
from tests.mail_server import HERE

PLACE = "/ping/a-secret-place"


def test_the_service_mails_what_waits_for_a_person(desk, mailbox, port):
    """It looks when the first pass has ended."""
    mail = ["[mail]", f'host = "{HERE}"', f"port = {port}", 'security = "none"', 'from = "badges@example.org"']
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    written = "\n".join([text, *mail, 'to = ["s@example.org"]', ""])
    desk.sandbox.configuration.write_text(written, encoding="utf-8")

    running = desk.start("run")
    eventually(lambda: mailbox.got)
    waiting = len(desk.listed("approvals", "list"))
    lines = stop(running)

    ((_, recipients, message),) = mailbox.got
    assert (recipients, f"{waiting} approval" in message["Subject"]) == (["s@example.org"], True)
    assert "@" not in message.get_content()
    assert events(lines)[-1] == "daemon_stopped"


def test_monitoring_hears_of_success_and_then_of_failure(desk):
    """The sandbox stands in for the monitoring: it notes what it is asked."""

    def pings():
        return [one["path"] for one in desk.sandbox.control("journal", path="/ping/")]

    desk.environment["D2L_SYNC_HEALTH_PING_URL"] = f"{desk.sandbox.addresses.badgr}{PLACE}"
    desk.configure('every = "1h"', 'every = "1s"')
    running = desk.start("run")
    eventually(lambda: PLACE in pings())
    before = pings()
    desk.sandbox.trouble("brightspace", ".", kind="reset")
    eventually(lambda: f"{PLACE}/fail" in pings())
    lines = stop(running)

    assert before[:2] == [f"{PLACE}/start", PLACE]
    assert f"{PLACE}/fail" not in before
    assert "a-secret-place" not in str(lines)

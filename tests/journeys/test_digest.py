"""The digest of a real world, over a real mail server: it tells what waits, and names nobody."""

from d2l_sync.configuration.load import load
from d2l_sync.wiring import open_application
from tests.mail_server import HERE


def test_what_waits_after_a_pass_is_mailed_once_and_names_nobody(desk, mailbox, port):
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    mail = ["[mail]", f'host = "{HERE}"', f"port = {port}", 'security = "none"', 'from = "badges@example.org"']
    mail.append('to = ["s@example.org"]')
    desk.sandbox.configuration.write_text("\n".join([text, *mail, ""]), encoding="utf-8")
    desk.sync()
    waiting = len(desk.listed("approvals", "list"))
    checked, previewed = desk.run("check").out, desk.run("report", "--mail", "--json").json

    with open_application(*load(desk.sandbox.configuration, desk.environment)) as application:
        digest = application.digest()
        assert digest is not None
        went = [digest.send_if_due(is_signed_out=application.sign_in().needed is not None) for _ in range(2)]

    ((_, recipients, message),) = mailbox.got
    said = message["Subject"] + message.get_content()
    people = desk.sandbox.control("learners", kind="")
    names = {one["address"] for one in people if one["address"]} | {str(one["user_id"]) for one in people}
    assert (went, recipients) == ([True, False], ["s@example.org"])
    assert "ok   mail server: would take a mail from us" in checked
    assert (previewed["subject"], previewed["text"].split()) == (message["Subject"], message.get_content().split())
    assert f"{waiting} approval" in message["Subject"]
    assert "@" not in said
    assert [name for name in names if name in said] == []


def test_the_mail_of_now_is_shown_without_a_mail_server(desk):
    nothing = desk.run("report", "--mail")
    desk.sync()

    something, too_much = desk.run("report", "--mail"), desk.run("report", "--mail", "--csv", "-")

    assert (nothing.code, nothing.out) == (0, "Nothing waits for a person: no mail goes.\n")
    assert something.out.startswith("Subject: d2l-sync: ")
    assert "d2l-sync approvals list" in something.out
    assert too_much.code == 2

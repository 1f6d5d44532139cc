"""Mail as a real server takes it: encrypted, signed in, and refused in every way that servers have."""

import ipaddress
import select
import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from d2l_sync import mail as mail_module
from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.mail import Handed, Mail, MailLost
from d2l_sync.domain.settings import MailSettings
from d2l_sync.mail import SmtpMailer
from tests.mail_server import HERE, Mailbox, MailServer

MAIL = Mail("d2l-sync: 2 approvals", "This waits for a person.\n\n  2 x Übung\n")
PASSWORD = "pretended-password-1"


def signed_in(_server, _session, _envelope, _mechanism, data):
    return AuthResult(handled=False, success=(data.login, data.password) == (b"badges", PASSWORD.encode()))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Make a certificate for this machine that nobody trusts who is not told to."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of the tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serve(certificate):
    """Return a way to start a mail server: security as in the settings."""
    running = []

    def start(mailbox, security="none", *, asks_for_password=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        given: dict[str, Any] = {"auth_require_tls": security == "starttls"}
        given |= {"starttls": {"tls_context": context}, "tls": {"ssl_context": context}}.get(security, {})
        given |= {"auth_required": True, "authenticator": signed_in} if asks_for_password else {}
        controller = MailServer(mailbox, hostname=HERE, port=0, **given)
        controller.start()
        running.append(controller)
        return controller.port

    yield start
    for controller in running:
        controller.stop()


def settings(port, security="none", **fields):
    plain = {"sender": "badges@example.edu", "recipients": ("staff@example.edu", "dean@example.edu")}
    return MailSettings(host=HERE, port=port, security=security, **(plain | fields))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_encrypted_and_signed_in(serve, certificate, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailbox = Mailbox()
    port = serve(mailbox, security, asks_for_password=security == "starttls")
    given = {"username": "badges", "password": PASSWORD} if security == "starttls" else {}

    handed = SmtpMailer(settings(port, security, **given)).send(MAIL)

    ((sender, recipients, message),) = mailbox.got
    assert (handed, sender, recipients) == (Handed(), "badges@example.edu", ["staff@example.edu", "dean@example.edu"])
    assert (message["Subject"], message["Auto-Submitted"]) == ("d2l-sync: 2 approvals", "auto-generated")
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    assert message["Message-ID"].endswith("@example.edu>")


def test_one_address_that_is_refused_keeps_the_mail_from_nobody_else(serve):
    mailbox = Mailbox("dean@example.edu")

    assert SmtpMailer(settings(serve(mailbox))).send(MAIL) == Handed(refused=1)
    assert [recipients for _, recipients, _ in mailbox.got] == [["staff@example.edu"]]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_ends_it(serve, security):
    mailbox = Mailbox()

    with pytest.raises(SourceUnavailable, match=f"the certificate of {HERE} is not trusted"):
        SmtpMailer(settings(serve(mailbox, security), security)).send(MAIL)

    assert mailbox.got == []


def test_a_server_without_encryption_gets_no_password(serve):
    with pytest.raises(SourceUnavailable, match="offers no encryption"):
        SmtpMailer(settings(serve(Mailbox()), "starttls", username="badges", password=PASSWORD)).send(MAIL)


def test_a_wrong_password_is_told_without_it(serve, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = serve(Mailbox(), "starttls", asks_for_password=True)

    with pytest.raises(SourceUnavailable, match=r"refuses mail\.username") as caught:
        SmtpMailer(settings(port, "starttls", username="badges", password="pretended-2")).send(MAIL)

    assert "pretended-2" not in str(caught.value)
    assert "mail.port" in caught.value.hint


def test_addresses_that_are_all_refused_are_told_without_them(serve):
    port = serve(Mailbox("staff@example.edu", "dean@example.edu"))

    with pytest.raises(SourceUnavailable, match="refuses every address") as caught:
        SmtpMailer(settings(port)).send(MAIL)

    assert "@" not in str(caught.value)


def test_a_server_that_is_not_there_is_tried_later(serve):
    port = serve(Mailbox())

    with pytest.raises(SourceUnavailable, match="did not answer"):
        SmtpMailer(settings(port, "tls")).send(MAIL)


def test_a_password_that_no_sign_in_can_carry_is_told_without_it(serve, certificate, monkeypatch):
    """The sign-in is ASCII; an error that nobody awaits would end the thread that writes, and no mail would go ever."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = serve(Mailbox(), "starttls", asks_for_password=True)

    with pytest.raises(SourceUnavailable, match="plain letters only") as caught:
        SmtpMailer(settings(port, "starttls", username="badges", password="schlüssel-2")).send(MAIL)

    assert "schl" not in str(caught.value)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_proof_goes_as_far_as_a_mail_and_sends_none(serve, certificate, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailbox = Mailbox()
    port = serve(mailbox, security, asks_for_password=security == "starttls")
    given = {"username": "badges", "password": PASSWORD} if security == "starttls" else {}

    assert SmtpMailer(settings(port, security, **given)).prove() == 0
    assert mailbox.got == []


def test_a_proof_counts_who_is_refused_and_not_who_is_put_off(serve):
    port = serve(Mailbox("dean@example.edu", puts_off=("staff@example.edu",)))

    assert SmtpMailer(settings(port)).prove() == 1


@pytest.mark.parametrize(
    ("refuses", "why"),
    [
        pytest.param(("badges@example.edu",), r"refuses mail\.from", id="sender"),
        pytest.param(("staff@example.edu", "dean@example.edu"), "refuses every address", id="recipients"),
    ],
)
def test_a_proof_that_fails_says_what_a_mail_would_and_no_address(serve, refuses, why):
    with pytest.raises(SourceUnavailable, match=why) as caught:
        SmtpMailer(settings(serve(Mailbox(*refuses)))).prove()

    assert "@" not in str(caught.value)


def test_a_proof_with_a_wrong_password_fails(serve, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = serve(Mailbox(), "starttls", asks_for_password=True)

    with pytest.raises(SourceUnavailable, match=r"refuses mail\.username"):
        SmtpMailer(settings(port, "starttls", username="badges", password="pretended-2")).prove()


def test_an_address_of_other_letters_is_proved_where_the_server_takes_it(serve):
    port = serve(Mailbox())

    assert SmtpMailer(settings(port, recipients=("dekanat@büro.example",))).prove() == 0


def test_who_is_put_off_gets_the_same_mail_later_and_nobody_else_a_second_one(serve):
    mailbox = Mailbox(puts_off=("dean@example.edu",))
    mailer, mail = SmtpMailer(settings(serve(mailbox))), replace(MAIL, key="pretended-key")

    handed = [mailer.send(mail)]
    mailbox.puts_off = ()
    handed.append(mailer.send(mail))

    assert handed == [Handed(put_off=1), Handed()]
    assert [recipients for _, recipients, _ in mailbox.got] == [["staff@example.edu"], ["dean@example.edu"]]
    assert {message["Message-ID"] for _, _, message in mailbox.got} == {"<pretended-key@example.edu>"}


def test_another_mail_goes_to_everybody_again(serve):
    mailbox = Mailbox()
    mailer = SmtpMailer(settings(serve(mailbox)))

    for key in ("", "", "one", "another"):
        mailer.send(replace(MAIL, key=key))

    assert [len(recipients) for _, recipients, _ in mailbox.got] == [2, 2, 2, 2]
    assert len({message["Message-ID"] for _, _, message in mailbox.got}) == 4


@pytest.mark.parametrize("farewell", ["421 in a hurry", "500 what?", None], ids=["421", "500", "none"])
def test_what_a_server_makes_of_the_farewell_changes_nothing(serve, farewell):
    """It had taken the mail: whoever sends it again at each look floods people."""
    mailbox = Mailbox(says={"QUIT": farewell})

    assert SmtpMailer(settings(serve(mailbox))).send(MAIL) == Handed()
    assert len(mailbox.got) == 1


@pytest.mark.parametrize("answer", ["200 fine", "259 fine"])
def test_a_mail_that_is_taken_in_other_words_is_taken(serve, answer):
    """Whoever takes that for a refusal sends the mail again at each look."""
    assert SmtpMailer(settings(serve(Mailbox(says={"DATA": answer})))).send(MAIL) == Handed()


@pytest.mark.parametrize(
    "answer", [None, "fine", "354 more", "250 " + "x" * 9000], ids=["none", "no code", "go on", "too long"]
)
def test_a_mail_that_was_handed_over_and_not_answered_may_have_arrived(serve, answer):
    mailbox = Mailbox(says={"DATA": answer})

    with pytest.raises(MailLost, match="did not say whether it took the mail"):
        SmtpMailer(settings(serve(mailbox))).send(MAIL)

    assert len(mailbox.got) == 1


def test_a_server_may_look_at_a_mail_for_minutes_and_at_nothing_else(serve, monkeypatch):
    waits, getreply = [], smtplib.SMTP.getreply

    def noted(server):
        waits.append(server.sock.gettimeout())
        return getreply(server)

    monkeypatch.setattr(smtplib.SMTP, "getreply", noted)
    SmtpMailer(settings(serve(Mailbox()))).send(MAIL)

    greeting_to_recipients, data, farewell = [20.0] * 5, [600.0] * 2, [20.0]
    assert waits == [*greeting_to_recipients, *data, *farewell]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        pytest.param({"MAIL": "451 later"}, r"puts mail\.from off \(451\)", id="sender put off"),
        pytest.param({"RCPT": "450 later"}, r"puts every address of mail\.to off", id="everybody put off"),
        pytest.param({"RCPT": "421 later"}, r"puts every address of mail\.to off", id="hangs up"),
        pytest.param({"DATA": "554 no, staff@example.edu"}, "answered 554", id="refused as a whole"),
        pytest.param({"MAIL": None}, "did not answer: the connection failed or broke off", id="breaks off"),
    ],
)
def test_a_mail_that_nobody_took_says_why_without_an_address(serve, says, why):
    with pytest.raises(SourceUnavailable, match=why) as caught:
        SmtpMailer(settings(serve(Mailbox(says=says)))).send(MAIL)

    assert not isinstance(caught.value, MailLost)
    assert "@" not in str(caught.value)


def test_where_nobody_listens_the_settings_to_look_at_are_told():
    with pytest.raises(SourceUnavailable) as caught:
        SmtpMailer(settings(1)).send(MAIL)

    assert caught.value.hint == "check mail.host, mail.port (mostly 25) and mail.security"


@pytest.mark.parametrize(
    ("greeting", "why"),
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", "in no words of a mail server", id="another protocol"),
        pytest.param(b"554 no\r\n", "answered 554", id="refused"),
        pytest.param(b"", "did not answer: the connection failed or broke off", id="nothing"),
        pytest.param(None, "did not answer: no answer in time", id="silence"),
    ],
)
def test_who_does_not_greet_as_a_mail_server_is_told_as_such(monkeypatch, greeting, why):
    if greeting is None:
        monkeypatch.setattr(mail_module, "TIMEOUT_S", 0.2)
    with socket.create_server((HERE, 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(_greets, listener, greeting)
        with pytest.raises(SourceUnavailable, match=why):
            SmtpMailer(settings(listener.getsockname()[1])).send(MAIL)


def test_a_server_that_never_comes_to_an_end_of_its_greeting_is_given_up(monkeypatch):
    """Each line comes in time: nothing else would ever end it, and no digest would go any more."""
    timers = []

    def timer(*given):
        timers.append(SetByHand(*given))
        return timers[-1]

    monkeypatch.setattr(mail_module, "Timer", timer)
    with socket.create_server((HERE, 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(_greets_for_ever, listener, timers)
        with pytest.raises(SourceUnavailable, match="did not answer: the connection failed or broke off"):
            SmtpMailer(settings(listener.getsockname()[1])).send(MAIL)

    assert [one.is_over for one in timers] == [True]


class SetByHand:
    """A timer that ends when it is told to."""

    def __init__(self, after_s, end):
        self.after_s = after_s
        self.end = end
        self.is_over = False

    def start(self):
        assert self.after_s == 900

    def cancel(self):
        self.is_over = True


def _greets_for_ever(listener, timers):
    client, _ = listener.accept()
    with client, suppress(OSError):
        while not select.select([client], [], [], 0.05)[0]:
            client.sendall(b"220-in a moment\r\n")
            timers[0].end()


def _greets(listener, greeting):
    client, _ = listener.accept()
    with client:
        if greeting is None:
            client.recv(1)
        else:
            client.sendall(greeting)


def test_an_authority_named_for_everything_else_is_trusted_for_mail_too(serve, certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    assert SmtpMailer(settings(serve(Mailbox(), "tls"), "tls")).send(MAIL) == Handed()

"""[mail]: where digests go; nothing is sent while there is no host."""

import re

from d2l_sync.configuration import forms
from d2l_sync.configuration.secrets_lookup import NEVER_HERE, SecretsLookup, places
from d2l_sync.configuration.table import Table
from d2l_sync.domain.settings import MailSettings

PASSWORD = "mail_password"  # noqa: S105 - the secret's name
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
INSTEAD = 'an address, such as "badges@example.edu"'
LARGEST_PORT = 65535


def read_mail(table: Table, secrets: SecretsLookup) -> MailSettings:
    """Read the section. Without `host` whatever else stands there is checked for its form only."""
    usual = MailSettings()
    host, username = table.text("host").strip(), table.text("username").strip()
    settings = MailSettings(
        host=host,
        port=table.whole("port", default=usual.port, low=1, high=LARGEST_PORT),
        security=table.text("security", default=usual.security, among=("starttls", "tls", "none")),
        username=username,
        sender=table.text("from").strip(),
        recipients=table.texts("to"),
        every=table.form("every", forms.POSITIVE_DURATION, default=usual.every),
        password=secrets.find(table, PASSWORD, is_required=bool(host and username)),
    )
    _check_server(table, settings)
    _check_addresses(table, settings)
    hint = NEVER_HERE.format(places=places(PASSWORD, "mail"))
    table.finish(why={"password": hint, PASSWORD: hint})
    return settings


def _check_server(table: Table, settings: MailSettings) -> None:
    if re.search(r"[\s/:@]", settings.host) or not forms.is_host(settings.host):
        table.fault("host", "is no host", 'a name without port and protocol, such as "smtp.example.edu"')
    elif settings.username and settings.security == "none" and not forms.is_loopback(settings.host):
        table.fault("security", "'none' would send the password in the clear", "'starttls' or 'tls'")


def _check_addresses(table: Table, settings: MailSettings) -> None:
    """Check who writes to whom. What is there and of another type is a fault already, and not missing besides."""
    if settings.sender and not ADDRESS.fullmatch(settings.sender):
        table.fault("from", "is no address", INSTEAD)
    if settings.host and not settings.sender and table.raw("from") in (None, ""):
        table.fault("from", "is missing", INSTEAD)
    if settings.host and not settings.recipients and table.raw("to") in (None, []):
        table.fault("to", "is missing", 'a list of addresses, such as ["programme@example.edu"]')
    if any(not ADDRESS.fullmatch(one) for one in settings.recipients):
        table.fault("to", "holds what is no address", INSTEAD)

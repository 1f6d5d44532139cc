"""The section [health]: where to tell that the service lives."""

from d2l_sync.configuration import forms
from d2l_sync.configuration.secrets_lookup import SecretsLookup
from d2l_sync.configuration.table import Table

NAME = "health_ping_url"


def read_health(table: Table, secrets: SecretsLookup) -> str:
    """Return the address of the dead man's switch, "" for none; it is a secret, and no fault shows it."""
    url = secrets.find(table, NAME, is_required=False)
    try:
        if url:
            forms.PAGE.parse(url)
    except ValueError as error:
        table.document.fault(str(error), where=NAME, at=table.path, instead=forms.PAGE.instead)
    table.finish()
    return url

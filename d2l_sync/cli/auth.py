"""`auth`: the service's sign-in at Brightspace."""

import secrets as random
import sys
from urllib.parse import parse_qs, urlsplit

import click
import structlog

from d2l_sync.cli.context import Context, system_user
from d2l_sync.cli.output import json_option, print_json, when
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.sign_in import SignIn
from d2l_sync.wiring import now, scopes_for

log = structlog.get_logger()

LABELS = {
    "obtained_at": "obtained at",
    "age_s": "seconds ago",
    "expires_at": "access token expires at",
    "renewals": "renewals",
}


@click.group()
def auth() -> None:
    """Sign the service in at Brightspace, and see how that stands."""


@auth.command()
@click.pass_obj
def login(context: Context) -> None:
    """Consent once: open the address that is printed, paste back the one you are sent to."""
    with context.application() as application:
        settings = application.settings.brightspace
        if settings.auth != "refresh_token":
            raise UsageError("client_credentials needs no sign-in", hint="check it with: d2l-sync check")
        if not settings.redirect_uri:
            raise UsageError("brightspace.redirect_uri is empty", hint="set it to the one that is registered")
        state = random.token_urlsafe(16)
        click.echo("Open this address in any browser, signed in as the service's user, and agree:\n")
        click.echo(application.tokens.login_url(state))
        click.echo("\nThen paste the whole address that you were sent to:")
        application.tokens.exchange(_code(sys.stdin.readline().strip(), state))
        log.info("signed_in", how="login", by=system_user())
    click.echo("Signed in. Check it with: d2l-sync check")


def _code(address: str, state: str) -> str:
    query = parse_qs(urlsplit(address).query)
    if "error" in query:
        raise UsageError(f"Brightspace answered {query['error'][0]}", hint="begin again: d2l-sync auth login")
    if query.get("state") != [state]:
        raise UsageError("that address is not from this sign-in", hint="begin again: d2l-sync auth login")
    if "code" not in query:
        raise UsageError("that address holds no code", hint="paste the whole address, with everything after the ?")
    return query["code"][0]


@auth.command("import")
@click.pass_obj
def import_(context: Context) -> None:
    """Take over a refresh token from standard input."""
    with context.application() as application:
        text = sys.stdin.read().strip()
        if not text or any(sign.isspace() for sign in text):
            raise UsageError("standard input holds no refresh token", hint="d2l-sync auth import < FILE")
        application.tokens.import_refresh_token(text)
        log.info("signed_in", how="import", by=system_user())
    click.echo("Stored. The first pass uses it; check it with: d2l-sync check")


@auth.command()
@json_option
@click.pass_obj
def scopes(context: Context, *, as_json: bool) -> None:
    """Print the exact scopes that these pathways need."""
    _, pathways = context.configuration(secrets_required=False)
    needed = scopes_for(pathways)
    if as_json:
        print_json(list(needed))
    else:
        click.echo(" ".join(needed))


@auth.command()
@json_option
@click.pass_obj
def status(context: Context, *, as_json: bool) -> None:
    """Show whether the service is signed in, and how old the token is."""
    with context.application(secrets_required=False) as application:
        body = _body(application.settings.brightspace.auth, application.sign_in())
    if as_json:
        print_json(body)
        return
    click.echo(f"Brightspace: {body['state']}")
    for name, label in LABELS.items():
        if body[name] is not None:
            click.echo(f"  {label}: {body[name]}")


def _body(auth: str, sign_in: SignIn) -> dict[str, object]:
    """Return the sign-in's state and the token's age; never the token."""
    token, renewed_at = sign_in.stored.token, sign_in.renewed_at
    return {
        "auth": auth,
        "state": sign_in.state,
        "obtained_at": when(renewed_at),
        "age_s": int((now() - renewed_at).total_seconds()) if renewed_at else None,
        "expires_at": when(token.expires_at if token else None),
        "renewals": token.generation if token else None,
    }

"""`awards`: the ledger."""

from collections.abc import Callable
from typing import TypeVar

import click

from d2l_sync.cli.context import Context, by_option, system_user
from d2l_sync.cli.output import is_agreed, json_option, plural, print_json, print_table, short, when, yes_option
from d2l_sync.domain.award import Award, State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import AssertionId, PersonId
from d2l_sync.domain.pathway import Badge
from d2l_sync.services.desk import Desk
from d2l_sync.wiring import Application

STATES = [state.value for state in State]
Decorated = TypeVar("Decorated", bound=Callable[..., object])


@click.group()
def awards() -> None:
    """See and mend the ledger of awards."""


@awards.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only awards in this state.")
@click.option("--badge", help="Only this badge: its key, or PATHWAY/KEY.")
@json_option
@click.pass_obj
def list_(context: Context, *, state: str | None, badge: str | None, as_json: bool) -> None:
    """List every award."""
    with context.application(secrets_required=False) as application:
        rows = application.desk().awards(state=State(state) if state else None, badge=badge)
    _print(rows, as_json=as_json)


@awards.command()
@click.argument("learner")
@json_option
@click.pass_obj
def show(context: Context, *, learner: str, as_json: bool) -> None:
    """Show a learner's awards."""
    with context.application() as application:
        desk = application.desk()
        person_id = desk.find(learner)
        rows = [one for one in desk.awards() if one.person_id == person_id]
    _print(rows, as_json=as_json)


@awards.command()
@click.argument("learners", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Every refused, due and doubtful award.")
@by_option
@yes_option
@click.pass_obj
def retry(context: Context, *, learners: tuple[str, ...], everybody: bool, by: str | None, yes: bool) -> None:
    """Let refused, due and doubtful awards go again in the next pass; by name, missing ones too."""
    if bool(learners) == everybody:
        raise UsageError("say whose: LEARNERS or --all", hint="see: d2l-sync awards retry --help")
    with context.application() as application:
        desk, settle = application.desk(), application.settings.delivery.settle
        is_asked = everybody and desk.retriable(None, settle=settle)
        if is_asked and not is_agreed("Retry every refused, due and doubtful award?", yes=yes):
            raise click.Abort
        moved = desk.retry(learners or None, settle=settle, by=system_user(by))
        standing = "" if moved else _standing(desk, learners)
    click.echo(f"{plural(len(moved), 'award')} will be tried in the next pass." if moved else standing)


def _standing(desk: Desk, learners: tuple[str, ...]) -> str:
    """Say why there was nothing to retry: how the awards of those who were named stand."""
    rows, told = desk.awards(), []
    for person_id in dict.fromkeys(desk.find(one) for one in learners):
        own = [f"{one.badge} of user {person_id} is {one.state.value}" for one in rows if one.person_id == person_id]
        told.extend(own or [f"user {person_id} has no award"])
    return f"Nothing to retry{': ' if told else ''}{'; '.join(told)}."


reason_option = click.option("--reason", default="", help="Why; kept in the history.")


def learner_and_badge(command: Decorated) -> Decorated:
    """Give a command the two arguments that name one award."""
    return click.argument("learner")(click.argument("badge")(command))


@awards.command()
@learner_and_badge
@reason_option
@by_option
@click.pass_obj
def hold(context: Context, *, learner: str, badge: str, reason: str, by: str | None) -> None:
    """Hold an unsent award until it is released."""
    with context.application() as application:
        person_id, named = _named(application, learner, badge)
        application.repair().hold(person_id, named, reason=reason, by=system_user(by))
    click.echo(f"{named.key} of user {person_id} is held.")


@awards.command()
@learner_and_badge
@reason_option
@by_option
@click.pass_obj
def release(context: Context, *, learner: str, badge: str, reason: str, by: str | None) -> None:
    """Let a held award go on; a revoked one may be awarded anew."""
    with context.application() as application:
        person_id, named = _named(application, learner, badge)
        application.repair().release(person_id, named, reason=reason, by=system_user(by))
    click.echo(f"{named.key} of user {person_id} is released; the next pass judges it anew.")


@awards.command()
@learner_and_badge
@click.option("--reason", required=True, help="Why; the platform publishes it.")
@by_option
@yes_option
@click.pass_obj
def revoke(context: Context, *, learner: str, badge: str, reason: str, by: str | None, yes: bool) -> None:
    """Revoke an issued award on the platform. Nothing can undo it there."""
    with context.application() as application:
        person_id, named = _named(application, learner, badge)
        application.repair().check_revocation(person_id, named, reason=reason)
        if not is_agreed(f"Revoke {named.key} of user {person_id} for good?", yes=yes):
            raise click.Abort
        with application.pass_lock():
            application.repair().revoke(person_id, named, reason=reason, by=system_user(by))
    click.echo(f"{named.key} of user {person_id} is revoked.")


@awards.command()
@learner_and_badge
@click.argument("assertion")
@by_option
@click.pass_obj
def adopt(context: Context, *, learner: str, badge: str, assertion: str, by: str | None) -> None:
    """Tie an assertion that was made by hand to a learner."""
    with context.application() as application:
        person_id, named = _named(application, learner, badge)
        application.repair().adopt(person_id, named, AssertionId(assertion), by=system_user(by))
    click.echo(f"{named.key} of user {person_id} is tied to assertion {assertion}.")


def _named(application: Application, learner: str, badge: str) -> tuple[PersonId, Badge]:
    desk = application.desk()
    named = desk.badge(badge)
    return desk.find(learner), named


def _print(rows: list[Award], *, as_json: bool) -> None:
    if as_json:
        print_json([as_json_row(row) for row in rows])
        return
    shown = [
        (row.pathway, row.badge, row.person_id, row.state.value, short(row.issued_at), row.attempts, row.reason)
        for row in rows
    ]
    print_table(("PATHWAY", "BADGE", "USER", "STATE", "ISSUED (UTC)", "TRIES", "REASON"), shown, nothing="No awards.")


def as_json_row(row: Award) -> dict[str, object]:
    """Return the members that the contract names."""
    return {
        "pathway": row.pathway,
        "badge": row.badge,
        "user_id": row.person_id,
        "email": row.address,
        "state": row.state.value,
        "assertion_id": row.assertion_id,
        "assertion_url": row.assertion_url,
        "earned_at": when(row.earned_at),
        "issued_at": when(row.issued_at),
        "reason": row.reason,
        "attempts": row.attempts,
    }

"""`reviews`: what a person should look at, and having looked."""

import click

from d2l_sync.cli.context import Context, by_option, system_user
from d2l_sync.cli.output import Number, json_option, print_json, print_table, short, when
from d2l_sync.domain.stored import StoredReview


@click.group()
def reviews() -> None:
    """See what a person should look at."""


@reviews.command("list")
@json_option
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List the open reviews, oldest first."""
    with context.application(secrets_required=False) as application:
        found = application.state.reviews()
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    rows = [
        (one.review_id, one.finding.kind, one.finding.user_id, one.finding.badge, one.finding.what, short(one.since))
        for one in found
    ]
    print_table(("ID", "KIND", "USER", "BADGE", "WHAT", "SINCE (UTC)"), rows, nothing="Nothing to review.")
    if found:
        click.echo("Look: d2l-sync explain USER. Done: d2l-sync reviews close ID (--accept: believe what is there).")


@reviews.command()
@click.argument("review", type=Number)
@click.option("--accept", is_flag=True, help="Believe what is there now: the smaller list, the missing fact.")
@by_option
@click.pass_obj
def close(context: Context, *, review: int, accept: bool, by: str | None) -> None:
    """Close a review; it stays closed while its cause goes on."""
    with context.application(secrets_required=False) as application:
        application.desk().close_review(review, accept=accept, by=system_user(by))
    click.echo(f"Review {review} is closed{', and the next pass believes what it finds' if accept else ''}.")


def _as_json(review: StoredReview) -> dict[str, object]:
    finding = review.finding
    return {
        "id": review.review_id,
        "kind": finding.kind,
        "pathway": finding.pathway,
        "badge": finding.badge,
        "user_id": finding.user_id,
        "org_unit": finding.org_unit_id,
        "email": finding.address,
        "assertion_id": finding.assertion_id,
        "what": finding.what,
        "since": when(review.since),
    }

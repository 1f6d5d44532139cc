"""`explain`: why a learner has a badge, or has not."""

from collections.abc import Iterable

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, print_json, short, when
from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import Award
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.services.explain import Explanation, access_of, sentence_of
from d2l_sync.services.explain import explain as explanations
from d2l_sync.services.scope import find_badges

MARKS = {Truth.MET: "met    ", Truth.UNMET: "unmet  ", Truth.UNKNOWN: "unknown"}


@click.command()
@click.argument("learner")
@click.option("--badge", help="Only this badge: its key, or PATHWAY/KEY.")
@json_option
@click.pass_obj
def explain(context: Context, *, learner: str, badge: str | None, as_json: bool) -> None:
    """Say why LEARNER (user id, address or OrgDefinedId) has a badge or not."""
    with context.application() as application:
        named = find_badges(application.pathways, badge) if badge is not None else None
        person_id = application.desk().find(learner)
        found = list(explanations(application.state, application.pathways, person_id, named))
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    for one in found:
        _print(one)
    if found and found[0].whom_to_ask:
        click.echo(f"Questions: {found[0].whom_to_ask}")


def _print(one: Explanation) -> None:
    click.echo(one.sentence)
    if one.judgement is not None:
        _print_verdicts(one.judgement.verdicts, "  ")
    if one.approval is not None:
        word = "approved" if one.approval.is_approved else f"rejected ({one.approval.reason})"
        click.echo(f"  {word} by {one.approval.by}, {short(one.approval.at)} UTC")
    for enrolment in one.access:
        click.echo(f"  {access_of(enrolment)}")
    for line in one.history:
        click.echo(f"  {short(line.at)} UTC  {line.was or 'new'} -> {line.becomes}: {line.why}")
    click.echo()


def _print_verdicts(verdicts: Iterable[Verdict], indent: str) -> None:
    for verdict in verdicts:
        click.echo(f"{indent}{MARKS[verdict.truth]}  {sentence_of(verdict)}")
        _print_verdicts(verdict.parts, indent + "    ")


def _as_json(one: Explanation) -> dict[str, object]:
    return {
        "pathway": one.pathway.key,
        "badge": one.badge.key,
        "user_id": one.person_id,
        "answer": one.sentence,
        **_judgement(one.judgement),
        **_award(one.award),
        "approved_by": one.approval.by if one.approval and one.approval.is_approved else None,
        "history": [
            {"at": when(line.at), "was": line.was, "becomes": line.becomes, "why": line.why, "pass": line.pass_id}
            for line in one.history
        ],
        "access": [_enrolment(each) for each in one.access],
        "page": one.pathway.page or None,
        "contact": one.pathway.contact or None,
    }


def _judgement(one: StoredJudgement | None) -> dict[str, object]:
    return {
        "verdict": one.truth.value if one else None,
        "judged_at": when(one.judged_at) if one else None,
        "rule_version": one.rule_version if one else None,
        "criteria": [_criterion(verdict) for verdict in one.verdicts] if one else [],
    }


def _award(one: Award | None) -> dict[str, object]:
    return {
        "state": one.state.value if one else None,
        "reason": one.reason if one else None,
        "assertion_url": one.assertion_url if one else None,
    }


def _enrolment(one: Enrolment) -> dict[str, object]:
    return {
        "org_unit": one.org_unit_id,
        "state": one.state.value,
        "reason": one.reason or None,
        "decided_at": when(one.decided_at),
        "done_at": when(one.done_at),
    }


def _criterion(verdict: Verdict) -> dict[str, object]:
    return {
        "key": verdict.key,
        "name": verdict.name,
        "verdict": verdict.truth.value,
        "because": verdict.because,
        "value": verdict.value or None,
        "threshold": verdict.threshold or None,
        "source": verdict.source or None,
        "read_at": when(verdict.read_at),
        "required": verdict.is_required,
        "of": [_criterion(part) for part in verdict.parts],
    }

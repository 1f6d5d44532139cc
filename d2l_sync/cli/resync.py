"""`resync`: asks the running service for a pass, and waits for it where that is wanted."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from d2l_sync.cli.context import Context, system_user
from d2l_sync.cli.output import json_option, print_json
from d2l_sync.cli.sync import progress_bar, scope_of, scope_options, show_report
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused, UsageError
from d2l_sync.domain.service import Request
from d2l_sync.services.observe import Progress
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import EXIT_DONE, EXIT_UNAVAILABLE, no_pass
from d2l_sync.services.resync import Wish, read_report, write_wish
from d2l_sync.services.scope import Scope, badges_in, only_person
from d2l_sync.wiring import Application, now

POLL_S = 0.3
NO_DAEMON = "no service is running; the request stays queued, and is served as soon as one is"
DIED = "the service ended before the pass had; the request stays queued, and the next one serves it"
START_HINT = "start it: systemctl start d2l-sync; or make the pass in this process: d2l-sync sync"


@click.command()
@scope_options
@click.option("--wait", is_flag=True, help="Show the pass's progress, and end as it does.")
@json_option
@click.pass_obj
def resync(context: Context, /, *, wait: bool, as_json: bool, **scope: Any) -> int:  # noqa: ANN401 - see scope_options
    """Ask the running service for a pass now."""
    with context.application(secrets_required=False) as application:
        wanted = _checked(application, scope_of(scope))
        live = {one.name for one in application.live_nodes()}
        number = application.service.ask(write_wish(Wish(wanted)), by=system_user(), at=now(), live=live)
        if wait and live:
            return wait_for(application, number, as_json=as_json)
    problem = Problem(NO_DAEMON, f"request {number}", START_HINT)
    if as_json and wait:
        print_json(no_pass(problem, EXIT_UNAVAILABLE).as_json())
    elif as_json:
        print_json({"request": number, "queued": True, "daemon": bool(live)})
    elif live:
        click.echo(f"Request {number} is queued; the service takes it at once, or after the pass that runs now.")
    if not live:
        _complain(problem)
    return EXIT_DONE if live else EXIT_UNAVAILABLE


def _checked(application: Application, scope: Scope) -> Scope:
    """Refuse a scope that no pass could be made of. Raises UsageError."""
    badges_in(scope, application.pathways)
    if scope.learner is None:
        return scope
    known = application.state.find_people(scope.learner)
    try:
        found = known or application.search(scope.learner)
    except (SourceUnavailable, SourceRefused, TokenRefused):
        return scope  # Brightspace can't be asked from here; the pass will tell
    return replace(scope, learner=str(only_person(found, scope.learner)))


def wait_for(application: Application, number: int, *, as_json: bool) -> int:
    """Follow a request to its end, and end as its pass did."""
    with _shown() as told:
        request = _followed(application, number, told)
    if request.ended_at is None:
        problem = Problem(DIED, f"request {number}", START_HINT)
        if as_json:
            print_json(no_pass(problem, EXIT_UNAVAILABLE).as_json())
        _complain(problem)
        return EXIT_UNAVAILABLE
    report = read_report(request.report)
    if request.exit_code == UsageError.exit_code:
        raise UsageError(report.problems[0].what, hint=report.problems[0].hint)
    if as_json:
        click.echo(request.report)
    else:
        show_report(report)
    return request.exit_code or EXIT_DONE


def _followed(application: Application, number: int, told: Progress) -> Request:
    """Look at a request until it has ended, or nobody is there any more who would end it."""
    left_by = None
    is_first = True
    while True:
        request = application.service.request(number)
        if request is None:
            raise UsageError(f"request {number} is gone")
        live = {one.name for one in application.live_nodes()}
        if is_first and request.taken_by not in live:
            left_by = request.taken_by
        is_first = False
        has_died = request.taken_by is not None and request.taken_by != left_by and request.taken_by not in live
        if request.ended_at is not None or has_died or not live:
            return application.service.request(number) or request
        told(request.done, request.total)
        time.sleep(POLL_S)


@contextmanager
def _shown() -> Iterator[Progress]:
    """Show how far the reading is: a bar on a terminal, else a line whenever another tenth is done."""
    if sys.stderr.isatty():
        with progress_bar() as told:
            yield told
        return
    said = [-1]

    def tell(done: int, total: int) -> None:
        tenth = done * 10 // total if total else 0
        if tenth != said[0]:
            said[0] = tenth
            click.echo(f"Reading Brightspace: {done} of {total}" if total else "Waiting for the service", err=True)

    yield tell


def _complain(problem: Problem) -> None:
    click.echo(f"d2l-sync: {problem.what}", err=True)
    click.echo(f"  {problem.hint}", err=True)

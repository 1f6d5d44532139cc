"""Which words the program knows: what reads takes --json, what asks takes --yes, and what is no command is 2."""

import click
import pytest

from d2l_sync.cli.main import cli

READING = {
    "approvals list",
    "auth scopes",
    "auth status",
    "awards list",
    "awards show",
    "check",
    "db verify",
    "explain",
    "log",
    "passes list",
    "passes release",
    "passes show",
    "pathway show",
    "plan",
    "report",
    "resync",
    "reviews list",
    "status",
    "sync",
    "teams list",
}
ASKING = {"approvals approve", "awards retry", "awards revoke", "passes release", "teams import"}
SCOPE = {"--org-unit", "--learner", "--badge", "--full"}


def every_command(group=cli, before=()):
    for name, command in group.commands.items():
        words = (*before, name)
        if isinstance(command, click.Group):
            yield from every_command(command, words)
        else:
            yield " ".join(words), {option for one in command.params for option in one.opts}


def test_every_command_that_reads_takes_json_and_every_one_that_asks_takes_yes():
    known = dict(every_command())

    assert {words for words, options in known.items() if "--json" in options} == READING
    assert {words for words, options in known.items() if "--yes" in options} == ASKING


def test_passes_are_made_planned_and_asked_for_over_the_same_scope():
    known = dict(every_command())

    assert [known[words] & SCOPE for words in ("sync", "plan", "resync")] == [SCOPE] * 3


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("audit", "audit"),
        ("discover 6601", "discover"),
        ("people list", "people"),
        ("auth keygen", "keygen"),
        ("pathway diff before.toml after.toml", "diff"),
        ("pathway test cases.toml", "test"),
        ("check --probe file", "--probe"),
        ("awards lsit", "lsit"),
        ("--json status", "--json"),
        ("sync --org-unit x", "--org-unit"),
        ("awards list --state nope", "nope"),
        ("approvals reject 30041", "--reason"),
        ("passes release", "NUMBER"),
    ],
)
def test_what_this_version_does_not_know_is_a_mistake_and_named(words, named):
    with pytest.raises(click.UsageError) as caught:
        cli.main(words.split(), standalone_mode=False)

    assert (caught.value.exit_code, named in caught.value.format_message()) == (2, True)

"""Manual pages and completion: made from the commands themselves, and sound for the tools that read them."""

import os
import subprocess
import sys

import click
import pytest
from click.shell_completion import BashComplete

from d2l_sync.cli.main import cli
from install.completion import SHELLS, script
from install.manual import commands, pages
from install.roff import escape
from tests.systemd.conftest import CHECKOUT
from tests.systemd.tools import lack, need

PAGES = pages()
EVERY = pytest.mark.parametrize("name", sorted(PAGES))


@pytest.fixture
def written(tmp_path):
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=200)
    return done.returncode, done.stdout, done.stderr


@EVERY
def test_groff_has_nothing_to_warn_of(written, name):
    need("groff")

    assert run("groff", "-ww", "-man", "-Tutf8", "-z", written / name) == (0, "", "")


@EVERY
def test_whatis_finds_the_page(written, name):
    need("lexgrog")

    code, out, _ = run("lexgrog", written / name)

    assert code == 0
    assert name.rpartition(".")[0] in out


@pytest.mark.parametrize("module", ["install.manual", "install.completion"])
def test_who_asks_what_they_write_gets_an_answer_and_no_folder_of_that_name(tmp_path, module):
    asked = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(
        asked,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "FOLDER" in done.stdout, list(tmp_path.iterdir())) == (0, True, [])


def test_man_shows_every_command_with_its_options(written):
    need("man")

    _, shown, _ = run("man", "--encoding=UTF-8", "--pager=cat", "-l", written / "d2l-sync.1")

    words = shown.split()
    for command, context in commands(cli, click.Context(cli, info_name="d2l-sync")):
        assert set(context.command_path.split()[1:]) <= set(words), context.command_path
        for option in (one for one in command.params if isinstance(one, click.Option)):
            assert any(text in shown for text in option.opts), (context.command_path, option.opts)


@pytest.mark.parametrize("key", ["max_shrink_percent", "badging_client_secret_file", "[[badge.criterion]]"])
def test_the_configuration_page_has_every_part_of_the_example(key):
    assert escape(key) in PAGES["d2l-sync.toml.5"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [(".dot", r"\&.dot"), ("a-b", r"a\-b"), ("back\\slash", r"back\eslash"), ("it's", r"it\(aqs")],
    ids=["a line that looks like a macro", "a dash", "a backslash", "a quote"],
)
def test_roff_prints_a_text_as_it_is(text, printed):
    assert escape(text) == printed


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.name)
def test_a_shell_understands_its_completion(shell, tmp_path):
    need(shell.name)
    file = tmp_path / "completion"
    file.write_text(script(shell), encoding="utf-8")

    assert run(shell.name, "-n", file) == (0, "", "")


ASKED = {
    "bash": "source {file}; COMP_WORDS=(d2l-sync awards re) COMP_CWORD=2; _d2l_sync_completion d2l-sync re awards; "
    "printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    "fish": "source {file}; complete -C 'd2l-sync awards re'",
}


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shell.name in ASKED], ids=lambda shell: shell.name)
def test_a_shell_offers_what_the_program_answers(shell, tmp_path):
    need(shell.name)
    file = tmp_path / "completion"
    file.write_text(script(shell), encoding="utf-8")

    path = f"PATH={CHECKOUT / '.venv/bin'}:{os.environ['PATH']}"
    code, out, err = run("env", path, shell.name, "-c", ASKED[shell.name].format(file=file))

    assert (code, err) == (0, "")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["release", "retry", "revoke"]


def test_fish_shows_a_help_text_to_its_end():
    """Click's own script ends it at the first comma."""
    (fish,) = (shell for shell in SHELLS if shell.name == "fish")

    assert '--max 1 "," $completion' in script(fish)


def test_completion_offers_what_the_commands_know():
    completion = BashComplete(cli, {}, "d2l-sync", "_D2L_SYNC_COMPLETE")

    assert {each.value for each in completion.get_completions(["awards"], "re")} == {"release", "retry", "revoke"}


def test_a_missing_tool_is_a_failure_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="no such thing"):
        lack("no such thing")

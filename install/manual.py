"""Write the manual pages: `python -m install.manual FOLDER`. Commands come from --help, keys from the example.

d2l-sync(1) is made of the click commands, d2l-sync.toml(5) of the commented example configuration; d2l-sync.service(8)
is written by hand and only gets its version.
"""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import click

from d2l_sync import __version__
from d2l_sync.cli.exit_codes import EXIT_CODES
from d2l_sync.cli.main import cli
from install.roff import definitions, escape, heading, page, paragraphs, quoted, subheading, title, verbatim

CHECKOUT = Path(__file__).parents[1]
PROGRAM = "d2l-sync"
FILES = (
    ("./config/d2l-sync.toml, /etc/d2l-sync/d2l-sync.toml", "The service file, see d2l-sync.toml(5)."),
    ("/etc/d2l-sync/pathways/*.toml", "The rules: which badge asks for what."),
    ("/etc/d2l-sync/credentials/", "One file for each secret, for root only."),
    ("/var/lib/d2l-sync/", "The state: ledger, facts, passes; and tokens in a file of their own."),
)
ENVIRONMENT = (
    ("D2L_SYNC_CONFIG", "The service file, where --config names none."),
    ("CREDENTIALS_DIRECTORY", "Where the secrets are looked up first; set by systemd."),
    ("D2L_SYNC_<NAME>", "One secret, for example D2L_SYNC_BADGING_CLIENT_SECRET."),
    ("STATE_DIRECTORY", "Where the state is kept when state.url is empty; set by systemd."),
    ("HTTPS_PROXY, NO_PROXY", "As everywhere."),
    (
        "REQUESTS_CA_BUNDLE, SSL_CERT_FILE",
        "A file of the certificates to trust; the first one that is set. Certificate checks cannot be turned off.",
    ),
    ("NO_COLOR", "No colours, whatever its value."),
)
AS_ROOT = """\
A command that root gives runs as the user whom the state belongs to: it reads the configuration, the secrets and the
files named on the command line, and then becomes that user for good. A file that it is to write has to stand where
that user may write.
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield every command below one that does something itself, in the order of --help."""
    if not isinstance(command, click.Group):
        yield command, context
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None and not below.hidden:
            yield from commands(below, click.Context(below, parent=context, info_name=name))


def options(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    """Return the options of a command and what each is for; its arguments stand in the usage."""
    given = (one for one in command.get_params(context) if isinstance(one, click.Option) and one.name != "help")
    return [record for one in given if (record := one.get_help_record(context)) is not None]


def command_page() -> str:
    """Return d2l-sync(1)."""
    top = click.Context(cli, info_name=PROGRAM)
    parts = []
    for command, context in commands(cli, top):
        pieces = " ".join(command.collect_usage_pieces(context))
        name = context.command_path.removeprefix(f"{PROGRAM} ")
        told = (paragraphs(command.help or ""), definitions(options(command, context)))
        parts += [subheading(f"{name} {pieces}".strip()), *told]
    return page(
        title(PROGRAM, 1, version=__version__),
        heading("Name"),
        escape(f"{PROGRAM} - {_summary()}"),
        heading("Synopsis"),
        f".B {quoted(PROGRAM)}\n[\\-\\-config FILE] COMMAND [ARGUMENT ...]",
        heading("Description"),
        paragraphs(cli.help or ""),
        paragraphs(AS_ROOT),
        heading("Options"),
        definitions(options(cli, top)),
        heading("Commands"),
        *parts,
        heading("Exit status"),
        definitions(EXIT_CODES),
        heading("Environment"),
        definitions(ENVIRONMENT),
        heading("Files"),
        definitions(FILES),
        heading("See also"),
        escape("d2l-sync.toml(5), d2l-sync.service(8)"),
    )


def _summary() -> str:
    text = " ".join((cli.help or "").split()).rstrip(".")
    return text[0].lower() + text[1:]


def configuration_page() -> str:
    """Return d2l-sync.toml(5): the examples, table by table."""
    service = (CHECKOUT / "config/d2l-sync.toml").read_text(encoding="utf-8")
    preamble, *tables = re.split(r"(?m)^(?=\[\w+\]$)", service)
    rules = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(CHECKOUT.glob("config/pathways/*.toml")))
    shown = []
    for table in tables:
        shown += [subheading(table.splitlines()[0]), verbatim(table.partition("\n")[2].strip("\n"))]
    return page(
        title("d2l-sync.toml", 5, version=__version__),
        heading("Name"),
        escape("d2l-sync.toml - the service file and the pathway files of d2l-sync"),
        heading("Description"),
        paragraphs(re.sub(r"(?m)^# ?", "", preamble)),
        heading("Service file"),
        *shown,
        heading("Pathway file"),
        verbatim(rules.strip("\n")),
        heading("See also"),
        escape("d2l-sync(1), d2l-sync.service(8)"),
    )


def pages() -> dict[str, str]:
    """Return every page under its file name."""
    written = (CHECKOUT / "install/d2l-sync.service.8").read_text(encoding="utf-8")
    return {
        "d2l-sync.1": command_page(),
        "d2l-sync.toml.5": configuration_page(),
        "d2l-sync.service.8": written.replace("@VERSION@", __version__),
    }


def main() -> None:
    asked = ArgumentParser(prog="python -m install.manual", description="Write the manual pages into FOLDER.")
    asked.add_argument("folder", metavar="FOLDER", type=Path)
    folder: Path = asked.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

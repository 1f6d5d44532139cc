"""Write the shells' completion: `python -m install.completion FOLDER`. Each asks the program itself, by click's way."""

from argparse import ArgumentParser
from pathlib import Path

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from d2l_sync.cli.main import cli

SHELLS: tuple[type[ShellComplete], ...] = (BashComplete, ZshComplete, FishComplete)


def main() -> None:
    asked = ArgumentParser(prog="python -m install.completion", description="Write the shells' completion into FOLDER.")
    asked.add_argument("folder", metavar="FOLDER", type=Path)
    folder: Path = asked.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for shell in SHELLS:
        (folder / f"d2l-sync.{shell.name}").write_text(script(shell), encoding="utf-8")


def script(shell: type[ShellComplete]) -> str:
    """Return what a shell reads. Click's for fish ends each help text at its first comma."""
    source = shell(cli, {}, "d2l-sync", "_D2L_SYNC_COMPLETE").source()
    return source.replace('string split "," $completion', 'string split --max 1 "," $completion')


if __name__ == "__main__":
    main()

"""`demo` and `sandbox`: everything on this machine, with pretended systems."""

import click


@click.command()
def demo() -> None:
    """Run the whole loop against the sandbox, and show who earned what."""


@click.command()
def sandbox() -> None:
    """Run the two pretended systems alone."""

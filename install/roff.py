"""Manual pages as text: what roff needs escaped, and the few macros of man(7) that our pages are made of."""

import inspect
from collections.abc import Iterable

UNWRAPPED = "\b"
"""A paragraph that begins with this line is not filled, as in click's own help."""


def escape(text: str) -> str:
    """Return text that roff prints as it is, whatever it begins with."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").split("\n")
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def quoted(text: str) -> str:
    return '"' + escape(text).replace('"', "\\(dq") + '"'


def title(name: str, section: int, *, version: str) -> str:
    return f'.TH {quoted(name.upper())} {section} "" {quoted(f"d2l-sync {version}")} "d2l\\-sync"'


def heading(text: str) -> str:
    return f".SH {quoted(text.upper())}"


def subheading(text: str) -> str:
    return f".SS {quoted(text)}"


def paragraphs(text: str) -> str:
    """Turn a docstring into paragraphs; those marked with a line of backspace keep their lines."""
    parts = (part for part in inspect.cleandoc(text).split("\n\n") if part.strip())
    return "\n".join(_paragraph(part) for part in parts)


def _paragraph(text: str) -> str:
    if text.startswith(UNWRAPPED):
        return verbatim(text.removeprefix(UNWRAPPED).strip("\n"))
    return f".PP\n{escape(text)}"


def verbatim(text: str) -> str:
    return f".PP\n.EX\n{escape(text)}\n.EE"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """List terms, bold, with what each means."""
    return "\n".join(f".TP\n.B {quoted(term)}\n{escape(' '.join(text.split()))}" for term, text in pairs)


def page(*parts: str) -> str:
    """Join the parts that say something."""
    return "\n".join(part for part in parts if part) + "\n"

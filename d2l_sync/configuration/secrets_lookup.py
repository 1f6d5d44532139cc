"""Where secrets come from: the credentials directory, the environment, or a file that the section names.

Their values never reach a fault.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from d2l_sync.configuration.table import Table

KEY_BEGINS = "-----BEGIN"
"""Of a private key in PEM form: the one secret that has several lines, of which the first may be about the key."""
NEVER_HERE = "secrets are never in this file: give it as {places}"


def places(name: str, section: str) -> str:
    """Name the three places that are searched, in their order."""
    return f"$CREDENTIALS_DIRECTORY/{name}, $D2L_SYNC_{name.upper()}, or the file named by {name}_file in [{section}]"


@dataclass(slots=True)
class SecretsLookup:
    """Looks secrets up by name, first hit wins. found: every value so far.

    is_strict: missing, unreadable and world-readable ones are faults; else they are left empty.
    """

    environ: Mapping[str, str]
    base: Path
    is_strict: bool = True
    found: set[str] = field(default_factory=set)

    def find(self, section: Table, name: str, *, is_required: bool) -> str:
        """Return the secret without trailing newlines, "" where there is none."""
        named = section.text(f"{name}_file")
        value = self._from_credentials(section, name)
        if value is None:
            value = self.environ.get(f"D2L_SYNC_{name.upper()}", "").rstrip("\r\n") or None
        if value is None and named:
            value = self._from_named_file(section, name, named)
        if value is None and is_required and self.is_strict:
            instead = f"give it as {places(name, section.label[0])}"
            section.document.fault("is missing", where=name, at=section.path, instead=instead)
        if value:
            self.found.add(value)
        return value or ""

    def _from_credentials(self, section: Table, name: str) -> str | None:
        """Return None for an empty one too: a unit gives every name, and those that the site lacks are empty."""
        directory = self.environ.get("CREDENTIALS_DIRECTORY", "")
        path = Path(directory) / name
        is_there = directory and path.exists() and path.stat().st_size > len("\n")
        return self._read(section, name, path) if is_there else None

    def _from_named_file(self, section: Table, name: str, named: str) -> str | None:
        key, path = f"{name}_file", self.base / named
        if "\n" in named or named.lstrip().startswith("-----"):
            section.fault(key, "holds the secret itself", "the name of a file that holds it")
            return ""
        try:
            mode = path.stat().st_mode
        except OSError:
            mode = 0
        if self.is_strict and not stat.S_ISDIR(mode) and mode & (stat.S_IROTH | stat.S_IWOTH):
            section.fault(key, f"{path} is open to every user", f"chmod 600 {path}")
        return self._read(section, key, path)

    def _read(self, section: Table, key: str, path: Path) -> str:
        """Return the file's text; "" after a fault, so that it is not called missing as well."""
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            self._fault(section, key, f"{path} cannot be read: {error.strerror}", "a file that this user may read")
            return ""
        except UnicodeDecodeError:
            self._fault(section, key, f"{path} is not UTF-8 text", "a file with the secret as text")
            return ""
        if not value:
            self._fault(section, key, f"{path} is empty", "a file with the secret as text")
        elif not value.isprintable() and not _is_key(value):
            what = f"{path} has a second line, or characters that can't be seen"
            self._fault(section, key, what, "the secret alone, on one line")
        return value

    def _fault(self, section: Table, key: str, what: str, instead: str) -> None:
        if self.is_strict:
            section.fault(key, what, instead)


def _is_key(value: str) -> bool:
    return any(line.startswith(KEY_BEGINS) for line in value.splitlines())

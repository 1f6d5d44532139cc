"""Every error the program raises on purpose, sorted by what has to happen next.

D2lSyncError                 one sentence, one hint; carries its exit code
├── SourceUnavailable        69  wait: a time-out, a 5xx, a broken body
├── SourceRefused            69  a person must look: 403, 404, a wrong id, a missing scope
├── TokenRefused             77  a person must give new credentials
├── ConfigError              78  a file must change; holds every fault at once
├── InputError               65  a file somebody handed in must change; holds every fault
├── StateError               74  stop: the state database can't be used
│   └── StateReplaced        74  end the process: its file is another one than was opened
├── Busy                     75  another pass is running, or what was asked for has moved
└── UsageError                2  the command does not fit what is there
"""

from dataclasses import dataclass


class D2lSyncError(Exception):
    """The root: what happened in one sentence, and what an operator can do about it.

    exit_code: the process's answer when this ends a command.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SourceUnavailable(D2lSyncError):
    """A system did not answer properly; the same question may be answered later.

    retry_after_s: how long the system asked us to wait, where it said so.
    """

    exit_code = 69

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class SourceRefused(D2lSyncError):
    """A system answered that we may not have this, or that it does not exist.

    status: the HTTP status (403, 404, …); 0 for a link or redirect that we refused to follow.
    """

    exit_code = 69

    def __init__(self, message: str, *, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class TokenRefused(D2lSyncError):
    """The token endpoint refuses our credentials, or a fresh token is refused with 401."""

    exit_code = 77


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file.

    where: file, and line or key; what: the fault; instead: what would be right.
    """

    where: str
    what: str
    instead: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.instead})" if self.instead else "")


class _FaultyFile(D2lSyncError):
    def __init__(self, faults: tuple[Fault, ...], *, hint: str = "") -> None:
        super().__init__("\n".join(str(fault) for fault in faults), hint=hint)
        self.faults = faults


class ConfigError(_FaultyFile):
    """The configuration can't be used; `faults` holds everything that is wrong with it."""

    exit_code = 78


class InputError(_FaultyFile):
    """A file that was handed to a command can't be used; nothing of it was taken over."""

    exit_code = 65


class StateError(D2lSyncError):
    """The state database is full, read-only, damaged, or newer than this program."""

    exit_code = 74


class StateReplaced(StateError):
    """The file of the state database, or of the tokens, is gone or another one than was opened."""


class Busy(D2lSyncError):
    """Another pass is running on this database."""

    exit_code = 75


class UsageError(D2lSyncError):
    """What was asked for does not fit what is there; nothing was changed."""

    exit_code = 2

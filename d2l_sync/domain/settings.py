"""The service's settings as one frozen value, a part for each section of the file, with the contract's defaults."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BrightspaceSettings:
    """[brightspace]. Secrets come from their own files and are left out of `repr`."""

    url: str
    client_id: str
    auth: str = "refresh_token"
    key_id: str = ""
    redirect_uri: str = ""
    token_url: str = "https://auth.brightspace.com/core/connect/token"  # noqa: S105
    authorize_url: str = "https://auth.brightspace.com/oauth2/auth"
    lp_version: str = "1.49"
    le_version: str = "1.82"
    learner_roles: tuple[str, ...] = ("Learner",)
    exclude_users: tuple[str, ...] = ()
    enrol_role: str = "Learner"
    connections: int = 8
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BadgingSettings:
    """[badging]. client_id: client credentials; username: the password grant."""

    platform: str
    url: str
    issuer: str
    client_id: str = ""
    username: str = ""
    evidence_url: str = ""
    client_secret: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """[schedule]. full: the wall time of the daily full pass in `timezone`."""

    every: timedelta = timedelta(minutes=15)
    full: time = time(2, 30)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """[guard]. max_awards_per_pass 0: no limit. max_shrink_percent 100: never.

    new_rules "observe": what rests on a new or changed rule is held until a person releases it.
    """

    max_awards_per_pass: int = 100
    max_shrink_percent: int = 30
    new_rules: str = "issue"

    @property
    def observes_new_rules(self) -> bool:
        return self.new_rules == "observe"


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """[delivery]. is_live: mode = "issue"."""

    mode: str = "observe"
    notify: bool = True
    settle: timedelta = timedelta(minutes=2)
    connections: int = 4

    @property
    def is_live(self) -> bool:
        return self.mode == "issue"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """[log]. format: auto, json or text. level: debug, info, warning or error."""

    format: str = "auto"
    level: str = "info"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """[mail]. Off while `host` is empty. security: starttls, tls or none. sender, recipients: `from` and `to`."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    every: timedelta = timedelta(days=1)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service file, the environment and the secrets say.

    source: the file it was read from. state_url: a database address as SQLAlchemy takes it.
    pathway_files: existing files, in order. health_ping_url: of a dead man's switch, itself a secret; "" for none.
    secrets: every secret value in use, for the log's redactor.
    """

    source: Path
    brightspace: BrightspaceSettings
    badging: BadgingSettings
    state_url: str
    pathway_files: tuple[Path, ...]
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    guard: GuardSettings = GuardSettings()
    delivery: DeliverySettings = DeliverySettings()
    log: LogSettings = LogSettings()
    mail: MailSettings = MailSettings()
    console_listen: str = "127.0.0.1:8460"
    health_ping_url: str = field(default="", repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

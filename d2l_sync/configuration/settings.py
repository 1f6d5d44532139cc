"""The service file, the environment and the secrets to one frozen `Settings`; every fault at once."""

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from d2l_sync.configuration import forms
from d2l_sync.configuration.document import read_document
from d2l_sync.configuration.health import read_health
from d2l_sync.configuration.mail import read_mail
from d2l_sync.configuration.secrets_lookup import NEVER_HERE, SecretsLookup, places
from d2l_sync.configuration.state import read_state
from d2l_sync.configuration.table import Table, nearest
from d2l_sync.domain.errors import ConfigError, Fault
from d2l_sync.domain.settings import (
    BadgingSettings,
    BrightspaceSettings,
    DeliverySettings,
    GuardSettings,
    LogSettings,
    ScheduleSettings,
    Settings,
)

SEARCHED = (Path("config/d2l-sync.toml"), Path("/etc/d2l-sync/d2l-sync.toml"))
VARIABLE = "D2L_SYNC_CONFIG"
MOST_CONNECTIONS = 64
MOST_AWARDS = 1_000_000
LATER = "is not available in this version"
PLATFORMS = ("badgr",)
PLATFORMS_LATER = ("credly", "accredible", "openbadges")


def find_configuration(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the service file: --config, $D2L_SYNC_CONFIG, ./config/d2l-sync.toml, /etc/d2l-sync/d2l-sync.toml.

    A file that was named is not looked for elsewhere. ConfigError when there is none.
    """
    named = explicit or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is not None:
        if _is_file(named):
            return named
        how = "--config" if explicit else f"${VARIABLE}"
        raise ConfigError((Fault(str(named), f"there is no such file, named by {how}", "the path of a d2l-sync.toml"),))
    found = next((path for path in SEARCHED if _is_file(path)), None)
    if found is None:
        searched = f"--config, ${VARIABLE}, ./{SEARCHED[0]}, {SEARCHED[1]}"
        raise ConfigError((Fault("d2l-sync.toml", f"no service file found; searched: {searched}", "one of these"),))
    return found


def passed_over(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the machine's service file where one in the working directory goes before it, as in every checkout."""
    of_folder, of_machine = SEARCHED
    if explicit or environ.get(VARIABLE) or not of_folder.is_file():
        return None
    return of_machine if os.access(of_machine, os.R_OK) else None


def _is_file(path: Path) -> bool:
    """Tell whether a file is there. ConfigError where this user may not even know."""
    try:
        return path.is_file()
    except OSError as error:
        instead = "root or the service's user may: sudo d2l-sync …"
        raise ConfigError((Fault(str(path), f"cannot be read: {error.strerror}", instead),)) from error


def load_settings(path: Path, environ: Mapping[str, str], *, secrets_required: bool = True) -> Settings:
    """Read the service file. ConfigError with all its faults.

    secrets_required: False leaves out what can't be had, for commands that reach no other system.
    """
    faults: list[Fault] = []
    settings = read_settings(path, environ, faults=faults, secrets_required=secrets_required)
    if faults or settings is None:
        raise ConfigError(tuple(faults))
    return settings


def read_settings(
    path: Path, environ: Mapping[str, str], *, faults: list[Fault], secrets_required: bool
) -> Settings | None:
    """Read the service file as far as it goes; None when it is no TOML. Not to be used when faults were added."""
    path = Path(os.path.normpath(path.absolute()))
    read = read_document(path, faults)
    if read is None:
        return None
    document, values = read
    root = Table(values, document)
    secrets = SecretsLookup(environ, path.parent, is_strict=secrets_required)
    brightspace = _brightspace(root.table("brightspace"), secrets)
    badging = _badging(root.table("badging"), secrets)
    settings = Settings(
        source=path,
        brightspace=brightspace,
        badging=badging,
        state_url=read_state(root.table("state"), environ, base=path.parent, secrets=secrets),
        pathway_files=_pathway_files(root.table("pathways"), path.parent),
        schedule=_schedule(root.table("schedule")),
        guard=_guard(root.table("guard")),
        delivery=_delivery(root.table("delivery")),
        console_listen=_console(root.table("console")),
        log=_log(root.table("log")),
        health_ping_url=read_health(root.table("health"), secrets),
        mail=read_mail(root.table("mail"), secrets),
        secrets=frozenset(secrets.found),
    )
    root.finish()
    return settings


def _brightspace(table: Table, secrets: SecretsLookup) -> BrightspaceSettings:
    auth = table.text("auth", default="refresh_token", among=("refresh_token", "client_credentials"))
    usual = BrightspaceSettings(url="", client_id="")
    has_key = auth == "client_credentials"
    settings = BrightspaceSettings(
        url=table.form("url", forms.BASE_URL, default="", is_required=True),
        client_id=table.text("client_id", is_required=True, instead="as Brightspace shows it, in quotes"),
        auth=auth,
        key_id=table.text("key_id", is_required=has_key, instead="the private key's id, in quotes"),
        redirect_uri=table.form("redirect_uri", forms.PAGE, default=""),
        token_url=table.form("token_url", forms.PAGE, default=usual.token_url),
        authorize_url=table.form("authorize_url", forms.PAGE, default=usual.authorize_url),
        lp_version=table.form("lp_version", forms.VERSION, default=usual.lp_version),
        le_version=table.form("le_version", forms.VERSION, default=usual.le_version),
        learner_roles=table.texts("learner_roles", default=usual.learner_roles, or_numbers=True),
        exclude_users=table.texts("exclude_users", or_numbers=True),
        enrol_role=table.text("enrol_role", default=usual.enrol_role),
        connections=table.whole("connections", default=usual.connections, low=1, high=MOST_CONNECTIONS),
        client_secret=secrets.find(table, "brightspace_client_secret", is_required=not has_key),
        private_key=secrets.find(table, "brightspace_private_key", is_required=has_key),
    )
    if not settings.learner_roles:
        table.fault("learner_roles", "is empty, so nobody could earn anything", 'such as ["Learner"]')
    if not settings.enrol_role:
        table.fault("enrol_role", "is empty", 'a role id or name, such as "Learner"')
    _finish(table, {"client_secret": "brightspace_client_secret", "private_key": "brightspace_private_key"})
    return settings


def _badging(table: Table, secrets: SecretsLookup) -> BadgingSettings:
    client_id, username = table.text("client_id"), table.text("username")
    if not client_id.strip() and not username.strip():
        table.fault("client_id", "is missing", "client_id, or username for the password grant")
    if client_id.strip() and username.strip():
        table.fault("username", "stands beside client_id", "exactly one of the two")
    has_username = bool(username.strip() and not client_id.strip())
    secrets.find(table, "badging_api_key", is_required=False)
    settings = BadgingSettings(
        platform=_platform(table),
        url=table.form("url", forms.BASE_URL, default="", is_required=True),
        issuer=table.text("issuer", is_required=True, instead="its entity id on the badging platform, in quotes"),
        client_id=client_id,
        username=username,
        evidence_url=table.form("evidence_url", forms.PAGE, default=""),
        client_secret=secrets.find(table, "badging_client_secret", is_required=bool(client_id.strip())),
        password=secrets.find(table, "badging_password", is_required=has_username),
    )
    own = ("client_secret", "password", "api_key")
    _finish(table, {short: f"badging_{short}" for short in own})
    return settings


def _platform(table: Table) -> str:
    platform = table.text("platform", is_required=True, instead=f"one of: {', '.join(PLATFORMS)}")
    if platform in PLATFORMS_LATER:
        table.fault("platform", f"{platform!r} {LATER}", f"one of: {', '.join(PLATFORMS)}")
    elif platform.strip() and platform not in PLATFORMS:
        table.fault("platform", f"{platform!r} is not known", nearest(platform, PLATFORMS + PLATFORMS_LATER))
    return platform


def _finish(table: Table, secret_names: Mapping[str, str]) -> None:
    """Report unknown keys; one that looks like a secret is told where secrets go."""
    section = table.label[0]
    why: dict[str, str] = {}
    for short, name in secret_names.items():
        why[short] = why[name] = NEVER_HERE.format(places=places(name, section))
    table.finish(why=why)


def _pathway_files(table: Table, base: Path) -> tuple[Path, ...]:
    patterns = table.texts("files")
    if not patterns and ("files" not in table or table.raw("files") == []):
        table.fault("files", "is missing", 'a list of patterns, such as ["pathways/*.toml"]')
    files: dict[Path, None] = {}
    for pattern in patterns:
        try:
            found = _matching(base, pattern)
        except (ValueError, NotImplementedError):
            table.fault("files", f"{pattern!r} is no pattern of files", 'such as "pathways/*.toml"')
            continue
        if not found:
            table.fault("files", f"no file fits {pattern!r}", f"a pattern of files, relative to {base}")
        for path in found:
            if not path.exists():
                table.fault("files", f"{path} leads nowhere", "a link to a file that is there")
        files.update(dict.fromkeys(path for path in found if path.exists()))
    table.finish()
    return tuple(files)


def _matching(base: Path, pattern: str) -> list[Path]:
    """List what fits, links that lead nowhere included, in order of names; a relative pattern starts at `base`.

    As in a shell, a name that begins with a dot fits only where the pattern says that dot: an editor leaves its locks,
    links to nowhere, beside the file it has open.
    """
    anchor = Path(pattern).anchor
    root = Path(anchor) if anchor else base
    found = root.glob(str(Path(pattern).relative_to(anchor)) if anchor else pattern)
    dotted = [part for part in Path(pattern).parts if part.startswith(".")]
    return sorted(
        Path(os.path.normpath(path))
        for path in found
        if not _is_hidden(path.relative_to(root), dotted) and (path.is_file() or not path.exists())
    )


def _is_hidden(path: Path, dotted: Sequence[str]) -> bool:
    names = (name for name in path.parts if name.startswith("."))
    return not all(any(fnmatchcase(name, part) for part in dotted) for name in names)


def _schedule(table: Table) -> ScheduleSettings:
    usual = ScheduleSettings()
    settings = ScheduleSettings(
        every=table.form("every", forms.POSITIVE_DURATION, default=usual.every),
        full=table.form("full", forms.TIME_OF_DAY, default=usual.full),
        timezone=table.form("timezone", forms.TIMEZONE, default=usual.timezone),
    )
    table.finish()
    return settings


def _guard(table: Table) -> GuardSettings:
    usual = GuardSettings()
    settings = GuardSettings(
        max_awards_per_pass=table.whole(
            "max_awards_per_pass", default=usual.max_awards_per_pass, low=0, high=MOST_AWARDS
        ),
        max_shrink_percent=table.whole("max_shrink_percent", default=usual.max_shrink_percent, low=0, high=100),
        new_rules=table.text("new_rules", default=usual.new_rules, among=("issue", "observe")),
    )
    table.finish()
    return settings


def _delivery(table: Table) -> DeliverySettings:
    usual = DeliverySettings()
    settings = DeliverySettings(
        mode=table.text("mode", default=usual.mode, among=("observe", "issue")),
        notify=table.flag("notify", default=usual.notify),
        settle=table.form("settle", forms.DURATION, default=usual.settle),
        connections=table.whole("connections", default=usual.connections, low=1, high=MOST_CONNECTIONS),
    )
    table.finish()
    return settings


def _console(table: Table) -> str:
    listen = table.form("listen", forms.LISTEN, default="127.0.0.1:8460")
    table.finish()
    return listen


def _log(table: Table) -> LogSettings:
    usual = LogSettings()
    settings = LogSettings(
        format=table.text("format", default=usual.format, among=("auto", "json", "text")),
        level=table.text("level", default=usual.level, among=("debug", "info", "warning", "error")),
    )
    table.finish()
    return settings

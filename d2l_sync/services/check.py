"""Check: everything that can be wrong before a pass, asked of both systems, reported in one go."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from d2l_sync.domain.errors import D2lSyncError
from d2l_sync.domain.facts import Failure, Source
from d2l_sync.domain.ids import BadgeClassId, OrgUnitId, UserId
from d2l_sync.domain.mail import Mailer
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.people import Classlist
from d2l_sync.domain.ports import Brightspace
from d2l_sync.services.check_people import PeopleOfBrightspace, addresses, roles, told_roles
from d2l_sync.services.checked import Checked, asked, unwell

MOST_SKEW = timedelta(minutes=1)
"""Badges are dated a minute back: a clock that is wrong by more would date one in the future."""


class CheckedBrightspace(PeopleOfBrightspace, Brightspace, Protocol):
    def whoami(self) -> UserId: ...
    def unsupported_versions(self) -> tuple[Failure, ...]: ...
    def clock_skew(self) -> timedelta | None: ...


class CheckedPlatform(Protocol):
    def check_credentials(self) -> None: ...
    def check_issuer(self) -> str | None: ...
    def check_badge_class(self, badge_class: BadgeClassId) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Named:
    """The roles that the service file names; enrol_role: looked at only where a badge enrols."""

    learner_roles: tuple[str, ...]
    enrol_role: str


def check_everything(
    brightspace: CheckedBrightspace,
    platform: CheckedPlatform,
    pathways: Iterable[Pathway],
    named: Named,
    *,
    proof_due: Callable[[], datetime | None],
) -> Iterator[Checked]:
    """Check credentials, clock, roles and every id of every pathway; one answer each, faults included.

    proof_due: tells when the client's secret is put to the proof at Brightspace; None: it just was.
    """
    chosen = tuple(pathways)
    badges = [badge for pathway in chosen for badge in pathway.badges]
    sign_in = asked("Brightspace sign-in", lambda: f"user {brightspace.whoami()}")
    yield sign_in
    if sign_in.exit_code == 0:
        yield asked("Brightspace client", lambda: _client(proof_due()))
    yield from _versions(brightspace)
    yield asked("clock", lambda: _clock(brightspace.clock_skew()))
    enrol_role = named.enrol_role if any(badge.enrol for badge in badges) else None
    yield roles(brightspace, learner_roles=named.learner_roles, enrol_role=enrol_role)
    classlists: list[Classlist] = []
    for unit in sorted({unit for pathway in chosen for unit in pathway.org_units}):
        yield asked(f"org unit {unit}", partial(_classlist, brightspace, unit, classlists))
    yield from addresses(brightspace, classlists)
    for source in sorted({one for badge in badges for one in badge.sources}, key=str):
        yield asked(str(source), partial(_listing, brightspace, source))
    for teams in {pathway.teams for pathway in chosen}:
        if teams.org_unit_id is not None and teams.category_id is not None:
            groups = brightspace.groups(teams.org_unit_id, teams.category_id)
            subject = f"group category {teams.category_id} in org unit {teams.org_unit_id}"
            yield _judged(subject, groups.failure, f"{len(groups.groups)} groups")
    yield asked("badging sign-in", partial(_credentials, platform))
    yield asked("badging issuer", lambda: platform.check_issuer() or "found")
    yield from (_badge_class(platform, badge) for badge in badges)


def check_mail(mailer: Mailer) -> Checked:
    """Check that the mail server would take a mail from us; none is sent."""
    return asked("mail server", lambda: _mail(mailer.prove()))


def _mail(refused: int) -> str:
    if refused:
        raise unwell(
            f"refuses {refused} of the addresses of mail.to", "take them out, or ask whoever keeps the mail server"
        )
    return "would take a mail from us; see the one of now: d2l-sync report --mail"


def _judged(subject: str, failure: Failure | None, found: str) -> Checked:
    return Checked(subject, found) if failure is None else Checked(subject, failure.what, failure.hint, 69)


def _versions(brightspace: CheckedBrightspace) -> Iterator[Checked]:
    try:
        lacking = brightspace.unsupported_versions()
    except D2lSyncError as error:
        yield Checked("Brightspace versions", str(error), error.hint, error.exit_code)
        return
    if not lacking:
        yield Checked("Brightspace versions", "supported")
    yield from (Checked("Brightspace versions", one.what, one.hint, 69) for one in lacking)


def _clock(skew: timedelta | None) -> str:
    if skew is None:
        return "Brightspace does not tell the time"
    seconds = abs(round(skew.total_seconds()))
    if abs(skew) > MOST_SKEW:
        whose = "behind" if skew > timedelta() else "ahead of"
        raise unwell(f"ours is {seconds} s {whose} Brightspace's", "see: timedatectl status")
    return f"within {max(seconds, 1)} s of Brightspace's"


def _client(proof_due: datetime | None) -> str:
    if proof_due is None:
        return "its secret or key is taken"
    return f"its secret was not tried: it is proved at the next renewal, due {proof_due:%Y-%m-%d %H:%M} UTC"


def _classlist(brightspace: CheckedBrightspace, org_unit_id: OrgUnitId, read: list[Classlist]) -> str:
    classlist = brightspace.classlist(org_unit_id)
    if classlist.failure is not None:
        raise unwell(classlist.failure.what, classlist.failure.hint)
    read.append(classlist)
    return told_roles(classlist)


def _listing(brightspace: CheckedBrightspace, source: Source) -> str:
    listing = brightspace.listing(source)
    if listing.failure is not None:
        raise unwell(listing.failure.what, listing.failure.hint)
    return f"{listing.item.name or 'found'}, {listing.rows} rows"


def _credentials(platform: CheckedPlatform) -> str:
    platform.check_credentials()
    return "the credentials are taken"


def _badge_class(platform: CheckedPlatform, badge: Badge) -> Checked:
    subject = f"badge class of {badge.pathway}/{badge.key}"
    return asked(subject, lambda: platform.check_badge_class(badge.badge_class) or "found")

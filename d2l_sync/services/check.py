"""Check: everything that can be wrong before a pass, asked of both systems, reported in one go."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from d2l_sync.domain.errors import D2lSyncError
from d2l_sync.domain.facts import Failure, Source
from d2l_sync.domain.ids import BadgeClassId, OrgUnitId, UserId
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.ports import Brightspace

GRAVEST_FIRST = (78, 74, 77, 75, 69)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was checked. exit_code: 0 when it is well. subject: what; found: what was seen."""

    subject: str
    found: str
    hint: str = ""
    exit_code: int = 0


class CheckedBrightspace(Brightspace, Protocol):
    def whoami(self) -> UserId: ...
    def unsupported_versions(self) -> tuple[Failure, ...]: ...


class CheckedPlatform(Protocol):
    def check_issuer(self) -> str | None: ...
    def check_badge_class(self, badge_class: BadgeClassId) -> str | None: ...


def check_everything(
    brightspace: CheckedBrightspace, platform: CheckedPlatform, pathways: Iterable[Pathway]
) -> Iterator[Checked]:
    """Check credentials and every id of every pathway; one answer each, faults included."""
    chosen = tuple(pathways)
    yield _asked("Brightspace sign-in", lambda: f"user {brightspace.whoami()}")
    yield from _versions(brightspace)
    for unit in sorted({unit for pathway in chosen for unit in pathway.org_units}):
        yield _asked(f"org unit {unit}", partial(_classlist, brightspace, unit))
    badges = [badge for pathway in chosen for badge in pathway.badges]
    for source in sorted({one for badge in badges for one in badge.sources}, key=str):
        yield _asked(str(source), partial(_listing, brightspace, source))
    for teams in {pathway.teams for pathway in chosen}:
        if teams.org_unit_id is not None and teams.category_id is not None:
            groups = brightspace.groups(teams.org_unit_id, teams.category_id)
            subject = f"group category {teams.category_id} in org unit {teams.org_unit_id}"
            yield _judged(subject, groups.failure, f"{len(groups.groups)} groups")
    yield _asked("badging issuer", lambda: platform.check_issuer() or "found")
    yield from (_badge_class(platform, badge) for badge in badges)


def gravest(found: Iterable[Checked]) -> int:
    codes = {one.exit_code for one in found}
    return next((code for code in GRAVEST_FIRST if code in codes), 0)


class _Unwell(D2lSyncError):
    exit_code = 69


def _asked(subject: str, question: Callable[[], str]) -> Checked:
    try:
        return Checked(subject, question())
    except D2lSyncError as error:
        return Checked(subject, str(error), error.hint, error.exit_code)


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


def _classlist(brightspace: CheckedBrightspace, org_unit_id: OrgUnitId) -> str:
    classlist = brightspace.classlist(org_unit_id)
    if classlist.failure is not None:
        raise _Unwell(classlist.failure.what, hint=classlist.failure.hint)
    learners = sum(one.is_active_learner for one in classlist.entries.values())
    if classlist.entries and not learners:
        raise _Unwell(
            f"{len(classlist.entries)} people, and none has a role of learner_roles",
            hint="set brightspace.learner_roles to the role's id or exact name",
        )
    return f"{learners} learners among {len(classlist.entries)} people"


def _listing(brightspace: CheckedBrightspace, source: Source) -> str:
    listing = brightspace.listing(source)
    if listing.failure is not None:
        raise _Unwell(listing.failure.what, hint=listing.failure.hint)
    return f"{listing.item.name or 'found'}, {listing.rows} rows"


def _badge_class(platform: CheckedPlatform, badge: Badge) -> Checked:
    subject = f"badge class of {badge.pathway}/{badge.key}"
    return _asked(subject, lambda: platform.check_badge_class(badge.badge_class) or "found")

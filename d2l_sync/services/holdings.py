"""Holdings: read what the platform holds of each badge class, before anything is planned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from d2l_sync.domain.adoption import REVOKED_THERE
from d2l_sync.domain.award import Assertion, Award, State
from d2l_sync.domain.belief import Sizes
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import BadgeClassId
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.ports import Platform
from d2l_sync.services.problems import Problem

SHOWN_NOWHERE = "the platform refuses it as a duplicate, but shows none"
"""The reason on an award that was refused as a duplicate which no look-up finds."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The platform's complete, believed lists. unread: badge classes of which nothing may be sent in this pass."""

    assertions: Mapping[BadgeClassId, tuple[Assertion, ...]] = field(default_factory=dict)
    unread: frozenset[BadgeClassId] = frozenset()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    has_bad_credentials: bool = False


def read_holdings(platform: Platform, badges: Iterable[Badge], sizes: Sizes) -> Holdings:
    """Read each badge class's whole list; what can't be read or is not believed is unread."""
    by_class = {badge.badge_class: badge for badge in badges}
    assertions: dict[BadgeClassId, tuple[Assertion, ...]] = {}
    unread: set[BadgeClassId] = set()
    problems: list[Problem] = []
    findings: list[Finding] = []
    rows: dict[str, int] = {}
    for badge_class, badge in by_class.items():
        name = f"list of badge class {badge_class}"
        where = f"list of badge class of {badge.pathway}/{badge.key}"
        try:
            listed = platform.assertions(badge_class)
        except TokenRefused as error:
            problem = Problem(str(error), "badging platform", error.hint)
            return Holdings(unread=frozenset(by_class), problems=(problem,), has_bad_credentials=True)
        except (SourceUnavailable, SourceRefused) as error:
            unread.add(badge_class)
            problems.append(Problem(str(error), where, error.hint))
            continue
        doubt = sizes.doubt(name, len(listed))
        if doubt is not None:
            unread.add(badge_class)
            problems.append(Problem(doubt.what, where, doubt.hint))
            what = f"{name} shrank and is not believed"
            findings.append(Finding("shrunk", what, badge.pathway, badge.key, subject=name))
            continue
        assertions[badge_class] = listed
        rows[name] = len(listed)
    return Holdings(assertions, frozenset(unread), tuple(problems), tuple(findings), rows)


def standing(awards: Iterable[Award]) -> list[Finding]:
    """Report what waits for a person, for as long as it does.

    Awards that were revoked on the platform, until somebody releases them; and those that it refuses as duplicates
    without showing any, until somebody has them retried.
    """
    found = []
    for award in awards:
        about = Finding("", "", pathway=award.pathway, badge=award.badge, user_id=award.person_id)
        if award.state is State.REVOKED and award.reason == REVOKED_THERE:
            what = f"{award.badge} was revoked on the platform; release it to award it again"
            found.append(replace(about, kind="revoked_there", what=what, assertion_id=award.assertion_id))
        if award.state is State.FAILED and award.reason == SHOWN_NOWHERE:
            found.append(replace(about, kind="refused_blind", what=f"{award.badge}: {SHOWN_NOWHERE}"))
    return found

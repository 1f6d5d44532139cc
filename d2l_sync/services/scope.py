"""Scope: which badges and people a pass is about, and what has to be read for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import BadgeKey, OrgUnitId, PersonId
from d2l_sync.domain.pathway import Badge, Pathway, with_prerequisites

LONGEST_NUMBER = 20
"""Of digits that may be an id; what is longer is noise."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody asked for; everything when all are None.

    learner: user id, address or OrgDefinedId. badge: a key, or PATHWAY/KEY. full: trust no bookmark.
    """

    org_unit_id: OrgUnitId | None = None
    learner: str | None = None
    badge: str | None = None
    full: bool = False

    @property
    def is_everything(self) -> bool:
        return self.org_unit_id is None and self.learner is None and self.badge is None

    def __str__(self) -> str:
        parts = [
            f"org unit {self.org_unit_id}" if self.org_unit_id is not None else "",
            "one learner" if self.learner is not None else "",
            f"badge {self.badge}" if self.badge is not None else "",
            "full" if self.full else "",
        ]
        return ", ".join(part for part in parts if part) or "everything"


@dataclass(frozen=True, slots=True)
class Part:
    """One pathway in a pass. badges: those to judge, prerequisites included. keys: of those the pass speaks about."""

    pathway: Pathway
    badges: tuple[Badge, ...]
    keys: frozenset[BadgeKey]


@dataclass(frozen=True, slots=True)
class Scoped:
    """What a scope comes to with the pathways there are. judged: all badges. chosen: those the pass speaks about."""

    parts: tuple[Part, ...]

    @property
    def judged(self) -> list[Badge]:
        return [badge for part in self.parts for badge in part.badges]

    @property
    def chosen(self) -> list[Badge]:
        return [badge for part in self.parts for badge in part.badges if badge.key in part.keys]


def find_badges(pathways: tuple[Pathway, ...], name: str, *, unserved: Iterable[Badge] = ()) -> list[Badge]:
    """Return the badges that a key, or PATHWAY/KEY, names. Raises UsageError when it names none or several.

    unserved: badges that are in no pathway file any more, taken where no other fits.
    """
    pathway_key, _, badge_key = name.rpartition("/")

    def fits(badge: Badge) -> bool:
        return badge.key == badge_key and pathway_key in ("", badge.pathway)

    served = [badge for pathway in pathways for badge in pathway.badges]
    found = [one for one in served if fits(one)] or [one for one in unserved if fits(one)]
    if len(found) == 1:
        return found
    if found:
        names = ", ".join(f"{badge.pathway}/{badge.key}" for badge in found)
        raise UsageError(f"badge {name} is in several pathways: {names}", hint="name it as PATHWAY/BADGE")
    known = ", ".join(f"{pathway.key}/{badge.key}" for pathway in pathways for badge in pathway.badges)
    raise UsageError(f"there is no badge {name}", hint=f"there are: {known}")


def badges_in(scope: Scope, pathways: tuple[Pathway, ...]) -> Scoped:
    """Return what each pathway has of the scope. Raises UsageError for a badge or an org unit that is in none."""
    named = {(one.pathway, one.key) for one in find_badges(pathways, scope.badge)} if scope.badge is not None else None
    found = []
    for pathway in pathways:
        wanted = frozenset(
            badge.key
            for badge in pathway.badges
            if (named is None or (pathway.key, badge.key) in named)
            and (scope.org_unit_id is None or scope.org_unit_id in badge.org_units)
        )
        if wanted:
            found.append(Part(pathway, with_prerequisites(pathway, wanted), wanted))
    if not found and scope.org_unit_id is not None:
        raise UsageError(f"no badge is earned in org unit {scope.org_unit_id}", hint="see: d2l-sync pathway show")
    return Scoped(tuple(found))


def only_person(found: set[PersonId], text: str) -> PersonId:
    """Return the one person that a LEARNER argument means. Raises UsageError for nobody and for several.

    text: the argument; a number is repeated to whoever gave it, an address never.
    """
    number = text.strip()
    given = number if number.isdecimal() and len(number) <= LONGEST_NUMBER else "what was given"
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise UsageError(
            f"no learner fits {given}", hint="give a user id, an address or an OrgDefinedId, as on the classlist"
        )
    names = ", ".join(str(person_id) for person_id in sorted(found))
    raise UsageError(f"{len(found)} learners fit {given}: users {names}", hint="give the user id")

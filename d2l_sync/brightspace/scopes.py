"""Scopes: the fewest that a token needs for what the pathways read.

Source: docs.valence.desire2learn.com, the table of scopes.
"""

from collections.abc import Iterable

from d2l_sync.brightspace.routes import ENROL_SCOPE, SCOPES
from d2l_sync.domain.facts import SourceKind

GROUPS = "groups:group:read"
POINTS = "grades:gradeobjects:read"
ALWAYS = frozenset({"users:own_profile:read", "users:userdata:read", "role:detail:read", "enrollment:orgunit:read"})
"""Who signed in, who learns where in which role, and the address that a classlist withholds."""
BY_KIND = {
    SourceKind.FOLDER: frozenset({"dropbox:folders:read", GROUPS}),  # only the folder says whether groups hand in
    SourceKind.QUIZ: frozenset({"quizzing:quizzes:read", "quizzing:attempts:read"}),
    SourceKind.GRADE: frozenset({POINTS, "grades:gradevalues:read"}),
    SourceKind.FINAL_GRADE: frozenset({"grades:gradevalues:read"}),
    SourceKind.GROUPS: frozenset({GROUPS}),
}


def scopes_needed(
    kinds: Iterable[SourceKind], *, asks_for_points: bool, has_groups: bool, enrols: bool
) -> tuple[str, ...]:
    """Return the scopes in the order of `SCOPES`.

    asks_for_points: a quiz's points possible are read from its grade object. has_groups: teams are groups.
    """
    needed = ALWAYS.union(*(BY_KIND[kind] for kind in kinds))
    needed |= {POINTS} if asks_for_points else set()
    needed |= {GROUPS} if has_groups else set()
    reading = tuple(scope for scope in SCOPES if scope in needed)
    return (*reading, ENROL_SCOPE) if enrols else reading

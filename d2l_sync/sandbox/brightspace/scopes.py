"""Whether a token's scope opens a route."""

FALLBACK = "core:*:*"

READING = (
    "users:own_profile:read users:userdata:read role:detail:read enrollment:orgunit:read "
    "organizations:organization:read orgunits:course:read grades:gradeobjects:read grades:gradevalues:read "
    "grades:gradecategories:read grades:gradesettings:read quizzing:quizzes:read quizzing:attempts:read "
    "dropbox:folders:read groups:group:read"
)
ENROLLING = "enrollment:orgunit:create"


def opens(granted: str, wanted: tuple[str, ...]) -> bool:
    """Say whether one of the wanted scopes is covered; core:*:* covers all."""
    have = granted.split()
    return FALLBACK in have or any(_covers(scope, want) for scope in have for want in wanted)


def _covers(scope: str, wanted: str) -> bool:
    pairs = zip(scope.split(":"), wanted.split(":"), strict=False)
    return scope.count(":") == wanted.count(":") and all(have in {"*", want} for have, want in pairs)

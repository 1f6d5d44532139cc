"""Look for: whom a LEARNER argument means on the classlists of now, where nothing is stored of them yet."""

from collections.abc import Iterable

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.ids import OrgUnitId, PersonId
from d2l_sync.domain.ports import Brightspace
from d2l_sync.domain.teams import Directory


def look_for(text: str, brightspace: Brightspace, units: Iterable[OrgUnitId]) -> set[PersonId]:
    """Return everybody whom a user id, an address or an OrgDefinedId fits; nothing is stored.

    Raises SourceUnavailable when nobody does and a classlist could not be read, for there may be somebody on it; and
    TokenRefused.
    """
    classlists = [brightspace.classlist(unit) for unit in sorted(units)]
    found = Directory((), classlists, {}).named(text)
    unread = [one.failure for one in classlists if one.failure is not None]
    if unread and not found:
        what = f"no learner fits on the classlists that could be read, and not all could: {unread[0].what}"
        raise SourceUnavailable(what, hint=unread[0].hint)
    return found

"""What a dropbox folder says: who handed in, alone or with a group, and what was published about it."""

from collections.abc import Callable, Iterable, Mapping

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.once import Once
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import Entity, Folder, entity, folder
from d2l_sync.brightspace.routes import Route, Routes
from d2l_sync.brightspace.wire import Json
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from d2l_sync.domain.facts import Fact, HandIn, Item, Listing, Source
from d2l_sync.domain.ids import GroupCategoryId, GroupId, OrgUnitId, UserId
from d2l_sync.domain.people import GroupSet
from d2l_sync.domain.ports import Clock

NOT_FOUND = 404
ReadGroups = Callable[[OrgUnitId, GroupCategoryId], GroupSet]


def rows_paged_or_not(client: Client, paged: Route, unpaged: Route) -> list[Json]:
    """Read a list by its paged route, or whole where that route does not exist (404 and nothing else)."""
    try:
        return list(rows_of(client, paged))
    except SourceRefused as error:
        if error.status != NOT_FOUND:
            raise
    return list(rows_of(client, unpaged))


class Folders:
    """Reads folders; the list of folders of an org unit once."""

    def __init__(self, client: Client, routes: Routes, *, clock: Clock, groups: ReadGroups) -> None:
        self._client = client
        self._routes = routes
        self._clock = clock
        self._groups = groups
        self._listed: Once[OrgUnitId, Mapping[int, Folder]] = Once()

    def listing(self, source: Source) -> Listing:
        """Read one folder, groups expanded to their members of now. Raises SourceUnavailable or SourceRefused.

        Nobody's comments, feedback texts or files are looked at.
        Source: GET /d2l/api/le/{version}/{orgUnitId}/dropbox/folders/{folderId}/submissions/paged/
        """
        about = self._folder(source)
        paged = self._routes.submissions(source.org_unit_id, source.item_id)
        unpaged = self._routes.submissions_unpaged(source.org_unit_id, source.item_id)
        entities = [entity(row) for row in rows_paged_or_not(self._client, paged, unpaged)]
        groups = self._groups_of(about, entities, source.org_unit_id)
        return Listing(
            source=source,
            read_at=self._clock(),
            item=Item(about.name, about.max_points, group_category_id=about.group_category_id),
            facts=_facts(entities, groups.groups if groups is not None else {}),
            rows=len(entities),
            lists={groups.name: groups.rows} if groups is not None else {},
            groups=frozenset(GroupId(one.entity_id) for one in entities if one.is_group and one.hand_in.count),
        )

    def folders(self, org_unit_id: OrgUnitId) -> Mapping[int, Folder]:
        return self._listed.get(org_unit_id, lambda: self._read(org_unit_id))

    def _read(self, org_unit_id: OrgUnitId) -> Mapping[int, Folder]:
        rows = (folder(row) for row in rows_of(self._client, self._routes.folders(org_unit_id)))
        return {one.folder_id: one for one in rows}

    def _folder(self, source: Source) -> Folder:
        found = self.folders(source.org_unit_id).get(source.item_id)
        if found is None:
            raise SourceRefused(
                f"dropbox folder {source.item_id} is not in org unit {source.org_unit_id}",
                hint="a copied course has new ids: take them from the new course",
                status=NOT_FOUND,
            )
        return found

    def _groups_of(self, about: Folder, entities: list[Entity], org_unit_id: OrgUnitId) -> GroupSet | None:
        if not any(one.is_group for one in entities):
            return None
        if about.group_category_id is None:
            raise SourceUnavailable("groups handed in to a folder without a group category")
        try:
            return self._groups(org_unit_id, about.group_category_id)
        except SourceRefused as error:  # a category that is gone takes no folder with it: no status
            raise SourceRefused(str(error), hint=error.hint) from error


def _facts(entities: Iterable[Entity], members: Mapping[GroupId, frozenset[UserId]]) -> dict[UserId, Fact]:
    """Give each learner the better of what they and their groups of now have."""
    best: dict[UserId, HandIn] = {}
    for one in entities:
        users = members.get(GroupId(one.entity_id), frozenset()) if one.is_group else [UserId(one.entity_id)]
        for user_id in users:
            best[user_id] = max(best.get(user_id, one.hand_in), one.hand_in, key=_worth)
    return dict(best)


def _worth(hand_in: HandIn) -> tuple[bool, bool, bool, int]:
    """Rank hand-ins: something there, a published score, then the number of submissions."""
    return hand_in.count > 0, hand_in.is_scored, hand_in.is_published, hand_in.count

"""One tenant of the strangers' Brightspace: its courses, its manners, and its two ways to give a list in pages."""

from dataclasses import dataclass
from typing import Any

from tests.strangers.courses import University
from tests.strangers.served import Asked, Said


@dataclass
class Manners:
    """What differs between tenants: how Next looks, how submissions come, what is withheld, how long tokens live."""

    page: int = 3
    next_as_path: bool = False
    submissions_as_items: bool = False
    email_withheld: bool = False
    role_withheld: bool = False
    lifetime_s: int = 3600
    headers: bool = True


@dataclass
class Tenant:
    """What every route needs."""

    university: University
    manners: Manners

    def items(self, asked: Asked, items: list[Any]) -> Said:
        """Answer with a page of `Items`; the last one has a bookmark as well."""
        start = int(asked.query.get("bookmark", "0") or 0)
        end = start + self.manners.page
        info = {"Bookmark": str(end), "HasMoreItems": end < len(items)}
        return Said(200, {"PagingInfo": info, "Items": items[start:end]})

    def objects(self, asked: Asked, objects: list[Any]) -> Said:
        """Answer with a page of `Objects`, and where the next one is."""
        start = int(asked.query.get("bookmark", "0") or 0)
        end = start + self.manners.page
        following = None
        if end < len(objects):
            others = "".join(f"&{name}={value}" for name, value in asked.query.items() if name != "bookmark")
            origin = "" if self.manners.next_as_path else asked.origin
            following = f"{origin}{asked.path}?bookmark={end}{others}"
        return Said(200, {"Objects": objects[start:end], "Next": following})

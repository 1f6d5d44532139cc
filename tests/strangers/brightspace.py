"""A Brightspace by the notes on Valence alone: three envelopes, odd errors, small pages, tokens that work once."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.strangers.courses import ROLES, OrgUnit, University, User
from tests.strangers.learning import route
from tests.strangers.served import Asked, Said, Served, Whims
from tests.strangers.tenant import Manners, Tenant

CLIENT, SECRET = "brightspace-client", "brightspace-secret"
FORBIDDEN = {
    "errors": ('{"Errors": [{"Message": "Not authorized"}]}', "application/json"),
    "odd": ('{ Errors: [ {Message: "Forbidden"} ] }', "text/html"),
    "html": ("<html><h1>Not Authorized</h1></html>", "text/html"),
    "empty": ("", "text/plain"),
    "scope": ('{"Error": "Insufficient scope to call"}', "application/json"),
}
NOT_FOUND = Said(404, {"Errors": [{"Message": "Resource Not Found"}]})
NO_TOKEN = Said(
    401,
    {
        "type": "http://docs.valence.desire2learn.com/res/apiprop.html#invalid-token",
        "title": "Unauthorized", "status": 401, "detail": "Couldn't parse token",
    },
)  # fmt: skip


@dataclass
class Door:
    """The token endpoint's memory: what is good, what was used."""

    refresh: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    access: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    renewals: int = 0

    def new_refresh(self) -> str:
        token = secrets.token_urlsafe(20)
        self.refresh.add(token)
        return token


class Brightspace:
    """Two servers, for tokens and for the API, over one university."""

    def __init__(self, university: University, whims: Whims, manners: Manners | None = None) -> None:
        self.tenant = Tenant(university, manners or Manners())
        self.whims = whims
        self.door = Door()
        self.auth = Served(self._token, lambda _: "close" if whims.befall("token close") else "")
        self.api = Served(self._answer, self._mishap)

    def stop(self) -> None:
        self.auth.stop()
        self.api.stop()

    def _mishap(self, asked: Asked) -> str:
        if asked.method != "GET":
            return "close" if self.whims.befall("enrol close") else ""
        return next((what for what in ("close", "half", "login") if self.whims.befall(f"read {what}")), "")

    def _token(self, asked: Asked) -> Said:
        form, header = asked.form(), asked.headers.get("authorization", "")
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if header.startswith("Basic "):
            name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            given = (name, secret)
        if given != (CLIENT, SECRET):
            return Said(401, {"error": "invalid_client"})
        if self.whims.befall("token 503"):
            return Said(503, "<html>maintenance</html>", "text/html")
        token = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token" or token not in self.door.refresh:
            self.door.refused += 1
            return Said(400, {"error": "invalid_grant", "error_description": "used or unknown"})
        self.door.refresh.remove(token)
        self.door.used.add(token)
        self.door.renewals += 1
        access = secrets.token_urlsafe(30)
        self.door.access[access] = time.monotonic() + self.tenant.manners.lifetime_s
        return Said(
            200,
            {
                "access_token": access, "token_type": "Bearer", "expires_in": self.tenant.manners.lifetime_s,
                "refresh_token": self.door.new_refresh(), "scope": "core:*:*",
            },
        )  # fmt: skip

    def _answer(self, asked: Asked) -> Said:
        said = self._routed(asked)
        if self.tenant.manners.headers and said.status < 400:
            said.headers.update({"X-Rate-Limit-Remaining": "49000", "X-Request-Cost": "10", "X-Rate-Limit-Reset": "30"})
        return said

    def _routed(self, asked: Asked) -> Said:
        if not asked.path.startswith("/d2l/api/"):
            return Said(404, "<html>no such page</html>", "text/html")
        if "/versions/" in asked.path:
            return self._versions(asked)
        if self.door.access.get(asked.headers.get("authorization", "").removeprefix("Bearer "), 0) < time.monotonic():
            return NO_TOKEN
        if self.whims.befall("429"):
            return Said(429, "", "text/plain", {"Retry-After": "1"})
        if self.whims.befall("read 500"):
            return Said(500, "<html>oops</html>", "text/html")
        product, version, *rest = asked.path.removeprefix("/d2l/api/").split("/")
        if (product, version) not in {("lp", "1.49"), ("le", "1.82")}:
            return NOT_FOUND
        return self._lp(asked, rest) if product == "lp" else self._le(asked, rest)

    def _versions(self, asked: Asked) -> Said:
        both = [
            {"ProductCode": "lp", "LatestVersion": "1.63", "SupportedVersions": ["1.0", "1.49", "1.63"]},
            {"ProductCode": "le", "LatestVersion": "1.99", "SupportedVersions": ["1.0", "1.82", "1.99"]},
        ]
        if asked.path == "/d2l/api/versions/":
            return Said(200, both)
        found = [one for one in both if asked.path == f"/d2l/api/{one['ProductCode']}/versions/"]
        return Said(200, found[0]) if found else NOT_FOUND

    def _lp(self, asked: Asked, rest: list[str]) -> Said:
        match rest:
            case ["users", "whoami"]:
                return Said(200, {"Identifier": "9001", "FirstName": "S", "LastName": "S", "UniqueName": "svc"})
            case ["users", user] if user.isdecimal() and int(user) in self.tenant.university.users:
                return Said(200, self._record(self.tenant.university.users[int(user)]))
            case ["roles", ""]:
                return Said(
                    200,
                    [
                        {"Identifier": str(key), "DisplayName": name, "Code": None, "Extra": 1}
                        for key, name in ROLES.items()
                    ],
                )
            case ["enrollments", ""] if asked.method == "POST":
                return self._enrol(asked.json())
            case ["enrollments", "orgUnits", unit, "users", *user] if int(unit) in self.tenant.university.units:
                return self._enrolments(asked, self.tenant.university.units[int(unit)], user)
            case [unit, "groupcategories", *more] if int(unit) in self.tenant.university.units:
                return self._groups(self.tenant.university.units[int(unit)], more)
        return NOT_FOUND

    def _record(self, user: User) -> dict[str, Any]:
        return {
            "OrgId": 6606, "UserId": user.user_id, "FirstName": user.name, "MiddleName": None, "LastName": "",
            "UserName": f"u{user.user_id}", "ExternalEmail": user.email_on_record, "OrgDefinedId": user.code,
            "UniqueIdentifier": f"u{user.user_id}", "Activation": {"IsActive": True}, "DisplayName": user.name,
            "LastAccessedDate": None, "Pronouns": None,
        }  # fmt: skip

    def _enrol(self, body: dict[str, Any]) -> Said:
        given = {name.lower(): value for name, value in body.items()}
        unit, user = self.tenant.university.units.get(int(given["orgunitid"])), int(given["userid"])
        if unit is None or user not in self.tenant.university.users:
            return NOT_FOUND
        unit.members[user] = int(given["roleid"])
        return Said(
            200, {"OrgUnitId": unit.org_unit_id, "UserId": user, "RoleId": unit.members[user], "IsCascading": False}
        )

    def _enrolments(self, asked: Asked, unit: OrgUnit, user: list[str]) -> Said:
        if unit.denied:
            return self._denied(unit)
        if user == [""]:
            items = [
                {"User": {"Identifier": str(key), "DisplayName": "x", "EmailAddress": None, "OrgDefinedId": ""},
                 "Role": {"Id": role, "Code": None, "Name": ROLES[role]}}
                for key, role in sorted(unit.members.items())
            ]  # fmt: skip
            return self.tenant.items(asked, items)
        if len(user) != 1 or int(user[0]) not in unit.members:
            return NOT_FOUND
        role = unit.members[int(user[0])]
        return Said(200, {"OrgUnitId": unit.org_unit_id, "UserId": int(user[0]), "RoleId": role, "IsCascading": False})

    def _groups(self, unit: OrgUnit, more: list[str]) -> Said:
        if unit.denied:
            return self._denied(unit)
        match more:
            case [""]:
                return Said(200, [self._category(unit, key) for key in unit.categories])
            case [key] if int(key) in unit.categories:
                return Said(200, self._category(unit, int(key)))
            case [key, "groups", ""] if int(key) in unit.categories:
                return Said(
                    200,
                    [
                        {"GroupId": one.group_id, "Name": one.name, "Code": "", "Enrollments": list(one.members)}
                        for one in unit.categories[int(key)]
                    ],
                )  # fmt: skip
        return NOT_FOUND

    def _category(self, unit: OrgUnit, key: int) -> dict[str, Any]:
        groups = [one.group_id for one in unit.categories[key]]
        return {"GroupCategoryId": key, "Name": f"Teams {key}", "EnrollmentStyle": 0, "Groups": groups}

    def _denied(self, unit: OrgUnit) -> Said:
        body, kind = FORBIDDEN[unit.denied]
        return Said(403, body, kind)

    def _le(self, asked: Asked, rest: list[str]) -> Said:
        if not rest or not rest[0].isdecimal() or int(rest[0]) not in self.tenant.university.units:
            return NOT_FOUND
        unit = self.tenant.university.units[int(rest[0])]
        if unit.denied:
            return self._denied(unit)
        return route(self.tenant, asked, unit, rest[1:])

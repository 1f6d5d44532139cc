"""A Badgr as a real one was seen: no locks, a duplicate check that races, a 500 for what it keeps."""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.strangers.served import Asked, Said, Served, Whims

CLIENT, SECRET, ISSUER = "badgr-client", "badgr-secret", "4xhdIssuerOfStrangers0"
LEFT_OUT = {"revoked": "include_revoked", "expired": "include_expired"}
SORRY = "<html><body>We're sorry, an error has occurred.</body></html>"
WRITTEN_SLOWLY_S = 0.02


def fine(result: list[Any], status: int = 200, **headers: str) -> Said:
    body = {"status": {"success": True, "description": "ok"}, "result": result}
    return Said(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def bad(status: int, *errors: str, fields: Any = None, about: str = "bad request") -> Said:
    told = {"success": False, "description": about}
    return Said(status, {"status": told, "result": [], "fieldErrors": fields or {}, "validationErrors": list(errors)})


class Badgr:
    """Badge classes by id; `assertions` is everything that it ever made, oldest first."""

    def __init__(self, classes: dict[str, str], whims: Whims) -> None:
        self.classes = classes
        self.whims = whims
        self.assertions: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.throttled_until = 0.0
        self.posts = 0
        self._append = threading.Lock()
        self.server = Served(self.answer, self.mishap)

    @property
    def url(self) -> str:
        return self.server.url

    def live(self) -> list[tuple[str, str]]:
        """Return (address, name of the badge class) of what is neither revoked nor expired."""
        return [
            (one["recipient"]["plaintextIdentity"], self.classes[one["badgeclass"]])
            for one in self.assertions
            if not one["revoked"]
        ]

    def mishap(self, asked: Asked) -> str:
        if asked.path.startswith("/o/"):
            return ""
        kind = "award" if asked.method == "POST" else "list"
        return next((what for what in ("close", "half", "login") if self.whims.befall(f"{kind} {what}")), "")

    def answer(self, asked: Asked) -> Said:
        if asked.method == "POST" and self.whims.befall("maintenance"):
            return Said(302, "", "text/html", {"Location": "/maintenance"})
        if asked.path in {"/o/token", "/o/token/"}:
            return self._token(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return bad(401, about="no valid auth token found")
        if not asked.path.startswith("/v2/"):
            return Said(404, "<html>Not Found</html>", "text/html")
        return self._routed(asked)

    def _routed(self, asked: Asked) -> Said:
        match asked.path.strip("/").split("/"):
            case ["v2", "badgeclasses", badge_class, "assertions"] if asked.method == "POST":
                return self._award(badge_class, asked)
            case ["v2", "badgeclasses", badge_class, "assertions"] if badge_class in self.classes:
                return self._list(asked, badge_class)
            case ["v2", "issuers", issuer, "assertions"] if issuer == ISSUER:
                return self._list(asked, None)
            case ["v2", "badgeclasses", badge_class] if badge_class in self.classes:
                return fine([self._class(badge_class)])
            case ["v2", "issuers", issuer, "badgeclasses"] if issuer == ISSUER:
                return fine([self._class(one) for one in self.classes])
            case ["v2", "issuers", issuer] if issuer == ISSUER:
                return fine([{"entityType": "Issuer", "entityId": ISSUER, "name": "Strangers"}])
            case ["v2", "assertions", assertion_id]:
                return self._one(asked, assertion_id)
        return bad(404, about="entity not found or insufficient privileges")

    def _class(self, badge_class: str) -> dict[str, Any]:
        return {
            "entityType": "BadgeClass", "entityId": badge_class, "name": self.classes[badge_class], "issuer": ISSUER,
            "expires": {"amount": None, "duration": None}, "tags": [], "extensions": {},
        }  # fmt: skip

    def _token(self, asked: Asked) -> Said:
        form = asked.form()
        if time.monotonic() < self.throttled_until:
            return Said(429, '{"error": "login attempts throttled", "expires": 2}', "text/html")
        if form.get("client_id") != CLIENT or form.get("client_secret") != SECRET:
            self.throttled_until = time.monotonic() + 2
            return Said(401, {"error": "invalid_client"})
        token = secrets.token_urlsafe(22)
        self.tokens.add(token)
        scope = form.get("scope", "r:profile")
        return Said(200, {"access_token": token, "expires_in": 86400, "token_type": "Bearer", "scope": scope})

    def _award(self, badge_class: str, asked: Asked) -> Said:
        self.posts += 1
        if badge_class not in self.classes:
            return bad(404, about="entity not found or insufficient privileges")
        if "application/json" not in asked.headers.get("content-type", ""):
            return bad(415, fields='Unsupported media type "" in request.')
        if self.whims.befall("500 before"):
            return Said(500, SORRY, "text/html")
        body = asked.json()
        identity = body["recipient"]["identity"].strip()
        on = datetime.fromisoformat(body["issuedOn"]) if "issuedOn" in body else datetime.now(UTC)
        if on > datetime.now(UTC):
            return bad(400, fields={"issuedOn": ["Only issuedOn dates in the past are acceptable."]})
        if not body.get("allowDuplicateAwards", True) and self._has(badge_class, identity):
            return bad(400, "A previous award of this badge already exists for this recipient.")
        made = self._made(badge_class, identity.lower(), on, body)
        if self.whims.befall("late"):
            threading.Timer(0.3, self._keep, [made]).start()
            return Said(504, SORRY, "text/html")
        time.sleep(self.whims.dice.random() * WRITTEN_SLOWLY_S)
        self._keep(made)
        return Said(500, SORRY, "text/html") if self.whims.befall("500 after") else fine([made], 201)

    def _has(self, badge_class: str, identity: str) -> bool:
        pair = (badge_class, identity.lower())
        return any(
            (one["badgeclass"], one["recipient"]["plaintextIdentity"]) == pair and not one["revoked"]
            for one in list(self.assertions)
        )

    def _keep(self, made: dict[str, Any]) -> None:
        with self._append:
            self.assertions.append(made)

    def _made(self, badge_class: str, address: str, on: datetime, body: dict[str, Any]) -> dict[str, Any]:
        entity = secrets.token_urlsafe(16)
        return {
            "entityType": "Assertion", "entityId": entity, "openBadgeId": f"{self.url}/public/assertions/{entity}",
            "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"), "badgeclass": badge_class,
            "issuer": ISSUER, "image": None, "issuedOn": on.isoformat().replace("+00:00", "Z"),
            "recipient": {"identity": f"sha256${secrets.token_hex(32)}", "hashed": True, "type": "email",
                          "plaintextIdentity": address, "salt": secrets.token_hex(16)},
            "narrative": body.get("narrative"), "evidence": body.get("evidence", []), "revoked": False,
            "revocationReason": None, "acceptance": "Unaccepted", "expires": None, "extensions": {},
        }  # fmt: skip

    def hold(self, badge_class: str, address: str, *, days_ago: int = 30, revoked: bool = False) -> dict[str, Any]:
        """Let somebody have awarded a badge by hand."""
        made = self._made(badge_class, address, datetime.now(UTC) - timedelta(days=days_ago), {})
        self.assertions.append(made | {"revoked": revoked})
        return self.assertions[-1]

    def _list(self, asked: Asked, badge_class: str | None) -> Said:
        if self.whims.befall("list 500"):
            return Said(500, SORRY, "text/html")
        wanted = set(asked.queries.get("recipient", []))
        with_revoked = asked.query.get("include_revoked") in {"1", "true"}
        found = [
            one
            for one in list(self.assertions)
            if badge_class in {None, one["badgeclass"]}
            and (with_revoked or not one["revoked"])
            and (not wanted or one["recipient"]["plaintextIdentity"] in wanted)
        ]
        number = asked.query.get("num", "")
        if not number.lstrip("-").isdecimal():
            return fine(found)
        size, start = min(max(int(number), 1), 500), int(asked.query.get("cursor", "0"))
        page = found[::-1][start : start + size]
        if start + size >= len(found):
            return fine(page)
        rest = "&".join(
            f"{name}={quote(value)}" for name, values in asked.queries.items() if name != "cursor" for value in values
        )
        return fine(page, Link=f'<{self.url}{asked.path}?cursor={start + size}&{rest}>; rel="next"')

    def _one(self, asked: Asked, assertion_id: str) -> Said:
        found = next((one for one in self.assertions if one["entityId"] == assertion_id), None)
        if found is None:
            return bad(404, about="entity not found or insufficient privileges")
        if asked.method == "DELETE":
            reason = asked.json().get("revocation_reason") if asked.body else None
            if not reason:
                return bad(400, fields={"revocation_reason": "This field is required"})
            if found["revoked"]:
                return bad(400, "Assertion is already revoked")
            found.update(revoked=True, revocationReason=reason, image=None)
        return fine([found])

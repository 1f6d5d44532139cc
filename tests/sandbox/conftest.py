"""A sandbox to speak to, and a plain way to speak."""

import pytest
import requests

from d2l_sync.sandbox.handle import BADGR_CLIENT, BADGR_SECRET, BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET
from d2l_sync.sandbox.in_process import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def http():
    with requests.Session() as session:
        session.trust_env = False
        yield session


class Brightspace:
    """Calls API routes with a fresh token; `get` returns the JSON body, `ask` the whole response."""

    def __init__(self, sandbox, http):
        self.sandbox = sandbox
        self.http = http
        self.tokens = self.refresh(sandbox.control("new_refresh_token")).json()

    def refresh(self, refresh_token, **fields):
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token} | fields
        return self.http.post(
            self.sandbox.addresses.token_url, data=form, auth=(BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET), timeout=60
        )

    def ask(self, path, *, method="GET", **options):
        url = path if path.startswith("http") else f"{self.sandbox.addresses.brightspace}/d2l/api/{path}"
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.http.request(method, url, headers=headers, timeout=60, allow_redirects=False, **options)

    def get(self, path, **query):
        response = self.ask(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def objects(self, path, **query):
        """Follow Next to the end of an ObjectListPage."""
        page = self.get(path, **query)
        rows = list(page["Objects"])
        while page["Next"]:
            page = self.get(page["Next"])
            rows += page["Objects"]
        return rows

    def items(self, path, **query):
        """Follow the bookmarks to the end of a PagedResultSet."""
        page = self.get(path, **query)
        rows = list(page["Items"])
        while page["PagingInfo"]["HasMoreItems"]:
            page = self.get(path, **query, bookmark=page["PagingInfo"]["Bookmark"])
            rows += page["Items"]
        return rows

    def learner(self, kind):
        """Return the first learner of a kind."""
        return self.sandbox.control("learners", kind=kind)[0]


class Badgr:
    """Calls platform routes with a fresh token."""

    def __init__(self, sandbox, http):
        self.sandbox = sandbox
        self.http = http
        self.badge_classes = sandbox.control("badge_classes")
        self.token = self.ask_token(
            grant_type="client_credentials", client_id=BADGR_CLIENT, client_secret=BADGR_SECRET, scope="rw:issuer"
        ).json()["access_token"]

    def ask_token(self, **form):
        return self.http.post(f"{self.sandbox.addresses.badgr}/o/token", data=form, timeout=60, allow_redirects=False)

    def ask(self, path, *, method="GET", **options):
        url = path if path.startswith("http") else self.sandbox.addresses.badgr + path
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.http.request(method, url, headers=headers, timeout=60, allow_redirects=False, **options)

    def award(self, badge="level-1", identity="ada@example.edu", **members):
        body = {"recipient": {"identity": identity}, "allowDuplicateAwards": False} | members
        return self.ask(f"/v2/badgeclasses/{self.badge_classes[badge]}/assertions", method="POST", json=body)

    def list(self, badge="level-1", **query):
        return self.ask(f"/v2/badgeclasses/{self.badge_classes[badge]}/assertions", params=query)

    def held(self, badge="level-1", **query):
        return [each["recipient"]["plaintextIdentity"] for each in self.list(badge, **query).json()["result"]]


@pytest.fixture
def brightspace(sandbox, http):
    return Brightspace(sandbox, http)


@pytest.fixture
def badgr(sandbox, http):
    return Badgr(sandbox, http)

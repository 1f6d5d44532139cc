"""A list is read whole in each of its three shapes, or not at all."""

import pytest

from d2l_sync.brightspace import paging
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.routes import Route
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from tests.brightspace.loopback import says

PATH = "/d2l/api/le/1.82/7/things/"
ROUTE = Route(PATH, "some:scope:read")


def items(rows, *, bookmark=None, has_more=False):
    return says({"Items": rows, "PagingInfo": {"Bookmark": bookmark, "HasMoreItems": has_more}})


def objects(rows, following=None):
    return says({"Objects": rows, "Next": following})


def test_a_bare_list_is_everything(server, client):
    server.on(PATH, says([1, None, 3]))

    assert list(rows_of(client, ROUTE)) == [1, None, 3]


def test_bookmarks_are_followed_with_the_filters_repeated(server, client):
    server.on(PATH, items([1], bookmark="6606_8069", has_more=True), items([2], bookmark="still here"))

    assert list(rows_of(client, ROUTE, {"roleId": 110})) == [1, 2]
    assert [one.query for one in server.asked] == [{"roleId": "110"}, {"roleId": "110", "bookmark": "6606_8069"}]


def test_only_has_more_items_decides_about_another_page(server, client):
    """The last page's bookmark may be set or null."""
    server.on(PATH, items([1], bookmark="85497"))

    assert list(rows_of(client, ROUTE)) == [1]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("{url}/d2l/api/le/1.82/7/things/?bookmark=4_2&pageSize=2", id="absolute"),
        pytest.param("/d2l/api/le/1.82/7/things/?bookmark=4_2&pageSize=2", id="a path"),
        pytest.param("?bookmark=4_2&pageSize=2", id="a query"),
    ],
)
def test_a_link_to_the_next_page_is_followed_as_it_stands(server, client, link):
    server.on(PATH, objects([1], link.format(url=server.url)), objects([2]))

    assert list(rows_of(client, ROUTE, {"pageSize": 2})) == [1, 2]
    assert server.asked[1].query == {"bookmark": "4_2", "pageSize": "2"}


def test_the_last_page_may_leave_the_link_out(server, client):
    server.on(PATH, says({"Objects": [1]}))

    assert list(rows_of(client, ROUTE)) == [1]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("http://elsewhere.example/d2l/api/le/1.82/7/things/", id="another host"),
        pytest.param("//elsewhere.example/d2l/api/le/1.82/7/things/", id="another host without scheme"),
        pytest.param("http://127.0.0.1:1/d2l/api/le/1.82/7/things/", id="another port"),
        pytest.param("https://127.0.0.1/d2l/api/le/1.82/7/things/", id="another scheme"),
        pytest.param("http://u:p@{host}/d2l/api/le/1.82/7/things/", id="a user in it"),
        pytest.param("http://{host}@elsewhere.example/d2l/api/", id="our host as the user"),
        pytest.param("/d2l/home", id="away from the API"),
        pytest.param("/d2l/api/../home", id="dot segments"),
        pytest.param("/d2l/api/%2e%2e/home", id="escaped dots"),
        pytest.param("/d2l/api/a%2fb", id="an escaped slash"),
        pytest.param("/d2l/api\\le", id="a backslash"),
        pytest.param("/d2l/api/le\r\nHost: elsewhere", id="a line break"),
        pytest.param("/d2l/api/le\ud800", id="half a character"),
        pytest.param("http://[half/d2l/api/", id="no address at all"),
        pytest.param("http://{host}x/d2l/api/", id="no port"),
        pytest.param("javascript:alert(1)", id="another kind of address"),
    ],
)
def test_a_link_elsewhere_is_refused(server, client, link):
    """The token would go there."""
    server.on(PATH, objects([1], link.format(host=server.url.removeprefix("http://"))))

    with pytest.raises(SourceRefused) as refused:
        list(rows_of(client, ROUTE))

    assert refused.value.status == 0
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(items([1], bookmark="1", has_more=True), id="the same bookmark"),
        pytest.param(objects([1], "?bookmark=1"), id="the same link"),
    ],
)
def test_pages_that_go_round_are_no_list(server, client, page):
    server.on(PATH, page)

    with pytest.raises(SourceUnavailable, match="circle"):
        list(rows_of(client, ROUTE))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param({}, id="an empty object"),
        pytest.param(None, id="null"),
        pytest.param("text", id="a text"),
        pytest.param({"Items": [1]}, id="no paging information"),
        pytest.param({"Items": [1], "PagingInfo": None}, id="paging information null"),
        pytest.param({"Items": [1], "PagingInfo": {"HasMoreItems": True, "Bookmark": None}}, id="more without mark"),
        pytest.param({"Items": None, "PagingInfo": {"HasMoreItems": False}}, id="items null"),
        pytest.param({"Objects": None, "Next": None}, id="objects null"),
        pytest.param({"Objects": [1], "Next": 5}, id="a link that is a number"),
        pytest.param({"Objects": [1], "Next": False}, id="a link that is false"),
        pytest.param({"Objects": [1], "Next": {}}, id="a link that is an object"),
        pytest.param({"Errors": [{"Message": "Forbidden"}]}, id="an error with 200"),
    ],
)
def test_an_unknown_shape_is_never_taken_for_empty(server, client, page):
    server.on(PATH, says(page))

    with pytest.raises(SourceUnavailable, match="unknown shape"):
        list(rows_of(client, ROUTE))


@pytest.mark.parametrize("first", [objects([1], "?bookmark=1"), items([1], bookmark="1", has_more=True)])
def test_a_later_page_that_is_a_bare_list_is_a_page_gone_wrong(server, client, first):
    server.on(PATH, first, says([]))

    with pytest.raises(SourceUnavailable, match="unknown shape"):
        list(rows_of(client, ROUTE))


def test_a_list_without_end_is_given_up(server, client, monkeypatch):
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    server.on(PATH, lambda asked: items([1], bookmark=asked.query.get("bookmark", "") + "x", has_more=True))

    with pytest.raises(SourceUnavailable, match="too many pages"):
        list(rows_of(client, ROUTE))


@pytest.mark.parametrize(("name", "most"), [("MOST_ROWS", 9), ("LONGEST_S", -1.0)])
def test_a_list_that_goes_on_for_too_long_is_given_up(server, client, monkeypatch, name, most):
    monkeypatch.setattr(paging, name, most)
    pages = [items([1, 2, 3], bookmark=str(number), has_more=True) for number in range(4)]
    server.on(PATH, *pages, items([4]))

    with pytest.raises(SourceUnavailable, match="too"):
        list(rows_of(client, ROUTE))


def test_a_list_that_breaks_off_is_no_list(server, client):
    server.on(PATH, objects([1], "?bookmark=1"), says({}, 403))

    with pytest.raises(SourceRefused):
        list(rows_of(client, ROUTE))

"""The versions routes, which anybody may call, and which versions answer."""

import re

from d2l_sync.sandbox.brightspace.habits import Habits
from d2l_sync.sandbox.error_bodies import problem
from d2l_sync.sandbox.web import Block, Request, Response, json_response

PATH = re.compile(r"/d2l/api/(?:(?P<product>[a-z]+)/)?versions/(?P<version>[\d.]+|check)?")
NEVER_TAKEN_OFF_THE_LIST = "1.0"


def is_supported(habits: Habits, product: str, version: str) -> bool:
    """Say whether routes of this version answer: two integers, not a decimal."""
    lowest, newest = habits.supported.get(product, (1, 0))
    major, _, minor = version.partition(".")
    return major == "1" and minor.isdigit() and lowest <= int(minor) <= newest


def answer_versions(habits: Habits, request: Request) -> Response | None:
    """Answer a versions route; None when the path is none."""
    match = PATH.fullmatch(request.path)
    if match is None:
        return None
    product, version = match["product"], match["version"]
    if version == "check":
        return _checked(habits, request) if request.method == "POST" and not product else problem(405, "Use POST")
    if request.method != "GET":
        return problem(405, "Use GET")
    if product is None:
        return (
            problem(404, "No such route")
            if version
            else json_response(200, [_one(habits, p) for p in habits.supported])
        )
    if product not in habits.supported:
        return problem(404, "No such product")
    if version:
        answer = {"Supported": is_supported(habits, product, version), "LatestVersion": _latest(habits, product)}
        return json_response(200, answer)
    return json_response(200, _one(habits, product))


def _one(habits: Habits, product: str) -> Block:
    lowest, newest = habits.supported[product]
    listed = [NEVER_TAKEN_OFF_THE_LIST, *(f"1.{minor}" for minor in range(lowest, newest + 1))]
    return {"ProductCode": product, "LatestVersion": _latest(habits, product), "SupportedVersions": listed}


def _latest(habits: Habits, product: str) -> str:
    return f"1.{habits.supported[product][1]}" if product in habits.supported else ""


def _checked(habits: Habits, request: Request) -> Response:
    try:
        asked = request.json()
    except ValueError:
        return problem(400, "Body does not bind", title="JSON Binding Error")
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        return problem(400, "Body does not bind", title="JSON Binding Error")
    versions = [_verdict(habits, str(each.get("ProductCode")), str(each.get("Version"))) for each in asked]
    return json_response(200, {"Supported": all(each["Supported"] for each in versions), "Versions": versions})


def _verdict(habits: Habits, product: str, version: str) -> Block:
    return {
        "ProductCode": product,
        "Version": version,
        "Supported": is_supported(habits, product, version),
        "LatestVersion": _latest(habits, product),
    }

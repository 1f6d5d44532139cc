"""How a test, in this process or another, reads and changes what the servers hold.

`POST /_control/<verb>` on any of the servers takes a JSON object of keyword arguments and answers
`{"result": …}`, or 400 with `{"error": …}` for a wrong argument, and 404 for an unknown verb.
`GET /_control/` lists every verb with its arguments and its sentence.

A verb is a public method that takes keyword arguments only, by its own name, of one of these; each says there what
it does:

| for | class |
|---|---|
| learners, roles, addresses, groups, access | `brightspace.scenario_people.PeopleScenario` |
| submissions, feedback | `brightspace.scenario_dropbox.DropboxScenario` |
| quizzes, attempts, grades, exemptions | `brightspace.scenario_grades.GradesScenario` |
| content, discussions | `brightspace.scenario_content.ContentScenario` |
| page sizes, withheld members, versions, quota, tokens | `brightspace.scenario_service.ServiceScenario` |
| assertions, hand-made awards, lists that lag, throttle, maintenance | `badgr.scenario.BadgrScenario` |
| what ought to be awarded, rosters, the second act | `seed.scenario.SeedScenario` |
| troubles | `trouble.Troubles` |
| requests seen | `journal.Journal` |
| the clocks | `clocks.Clocks` |

Times in arguments are ISO 8601; scores and percentages are numbers or text; a learner is a user id.
"""

import inspect
import json
import threading
from collections.abc import Callable, Iterable

from d2l_sync.sandbox.web import Block, Request, Response, json_response, to_json

PREFIX = "/_control/"
Verb = Callable[..., object]


class UnknownVerb(LookupError):
    """There is no such verb."""


class Control:
    """All verbs of some objects, callable by name with what JSON can hold, one at a time under `lock`."""

    def __init__(self, speakers: Iterable[object], lock: threading.RLock) -> None:
        self._lock = lock
        self._verbs: dict[str, Verb] = {}
        for speaker in speakers:
            self._verbs |= _public_methods(speaker)

    def call(self, verb: str, arguments: Block) -> object:
        """Do one verb and return its result as JSON would bring it.

        Raises UnknownVerb; ValueError for wrong arguments; LookupError for things that are not there.
        """
        if verb not in self._verbs:
            raise UnknownVerb(f"no verb {verb!r}; there are {', '.join(sorted(self._verbs))}")
        method = self._verbs[verb]
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}") from error
        with self._lock:
            return json.loads(to_json(method(**arguments)))

    def answer(self, request: Request) -> Response:
        verb = request.path.removeprefix(PREFIX)
        if request.method == "GET":
            return json_response(200, self.verbs())
        try:
            arguments = json.loads(request.body or b"{}")
            if not isinstance(arguments, dict):
                return json_response(400, {"error": "the arguments are one JSON object"})
            return json_response(200, {"result": self.call(verb, arguments)})
        except UnknownVerb as error:
            return json_response(404, {"error": str(error)})
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            return json_response(400, {"error": f"{type(error).__name__}: {error}"})

    def verbs(self) -> list[Block]:
        """Describe every verb: name, arguments, first sentence."""
        return [
            {
                "verb": name,
                "arguments": str(inspect.signature(method)),
                "does": (inspect.getdoc(method) or "").split("\n")[0],
            }
            for name, method in sorted(self._verbs.items())
        ]


def _public_methods(speaker: object) -> dict[str, Verb]:
    # Not inspect.getmembers: up to Python 3.11.2 it stumbles over `__weakref__` of a class with slots.
    members = {name: getattr(speaker, name) for name in dir(speaker) if not name.startswith("_")}
    return {name: each for name, each in members.items() if inspect.ismethod(each) and _is_verb(each)}


def _is_verb(method: Verb) -> bool:
    named = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    return all(each.kind in named for each in inspect.signature(method).parameters.values())

"""The whole sandbox in this process: every server, the world behind them, and the control over it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from d2l_sync.sandbox.badgr.api import Badgr
from d2l_sync.sandbox.badgr.platform import Platform
from d2l_sync.sandbox.badgr.scenario import BadgrScenario
from d2l_sync.sandbox.badgr.tokens import TokenDesk
from d2l_sync.sandbox.brightspace.api import Api
from d2l_sync.sandbox.brightspace.auth_routes import AuthServer
from d2l_sync.sandbox.brightspace.authority import Application, Authority
from d2l_sync.sandbox.brightspace.credits import Bucket
from d2l_sync.sandbox.brightspace.scenario_content import ContentScenario
from d2l_sync.sandbox.brightspace.scenario_dropbox import DropboxScenario
from d2l_sync.sandbox.brightspace.scenario_grades import GradesScenario
from d2l_sync.sandbox.brightspace.scenario_people import PeopleScenario
from d2l_sync.sandbox.brightspace.scenario_service import ServiceScenario
from d2l_sync.sandbox.brightspace.scopes import ENROLLING, READING
from d2l_sync.sandbox.brightspace.world import SERVICE_USER, World
from d2l_sync.sandbox.clock import Clock
from d2l_sync.sandbox.clocks import Clocks
from d2l_sync.sandbox.configuration import write_configuration
from d2l_sync.sandbox.control import PREFIX, Control, UnknownVerb
from d2l_sync.sandbox.handle import (
    BADGR_CLIENT,
    BADGR_PASSWORD,
    BADGR_SECRET,
    BADGR_USER,
    BRIGHTSPACE_CLIENT,
    BRIGHTSPACE_SECRET,
    REDIRECT_URI,
    SERVICE_CLIENT,
    Addresses,
    ControlRefused,
    Handle,
    Json,
)
from d2l_sync.sandbox.journal import Journal
from d2l_sync.sandbox.keys import KeyPair
from d2l_sync.sandbox.seed.mix import build_world
from d2l_sync.sandbox.seed.pathway import add_badge_classes
from d2l_sync.sandbox.seed.scenario import SeedScenario
from d2l_sync.sandbox.server import Answer, Server
from d2l_sync.sandbox.trouble import Troubles
from d2l_sync.sandbox.web import Request, Response, json_response

LEARNERS = 60
SEED = 1
STAFF_CLIENT_SCOPE = f"{READING} {ENROLLING}"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; 0 takes a free port."""

    brightspace: int = 0
    auth: int = 0
    badgr: int = 0


class Sandbox(Handle):
    """Serves from the moment it is made until `stop`; as a context manager it stops by itself."""

    def __init__(self, *, learners: int = LEARNERS, seed: int = SEED, ports: Ports = Ports()) -> None:
        self._clocks, self._journal, self._troubles = Clocks(), Journal(), Troubles()
        self._keys = KeyPair.made()
        world, platform = World(self._clocks.brightspace), Platform(self._clocks.badgr)
        authority, bucket = self._authority(world), Bucket()
        desk = TokenDesk(self._clocks.badgr, {BADGR_CLIENT: BADGR_SECRET}, {BADGR_USER: BADGR_PASSWORD})
        add_badge_classes(platform)
        on_platform = BadgrScenario(platform, desk)
        cast = build_world(world, on_platform, learners=learners, seed=seed)
        speakers = (
            PeopleScenario(world),
            DropboxScenario(world),
            GradesScenario(world),
            ContentScenario(world),
            ServiceScenario(world, authority, bucket),
            on_platform,
            SeedScenario(cast),
            self._troubles,
            self._journal,
            self._clocks,
        )
        self._control = Control(speakers, world.lock)
        self._servers = {
            "brightspace": self._serve("brightspace", Api(world, authority, bucket).answer, ports.brightspace),
            "auth": self._serve("auth", AuthServer(authority).answer, ports.auth),
            "badgr": self._serve("badgr", Badgr(platform, desk).answer, ports.badgr),
            "elsewhere": self._serve("elsewhere", _answer_anybody, 0),
        }
        self._addresses = Addresses(**{name: server.url for name, server in self._servers.items()})
        platform.origin = self._addresses.badgr
        self._configuration: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses:
        return self._addresses

    @property
    def configuration(self) -> Path | None:
        return self._configuration

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()

    def control(self, verb: str, **arguments: object) -> Json:
        try:
            return self._control.call(verb, json.loads(json.dumps(arguments)))
        except (UnknownVerb, ValueError, LookupError, TypeError, ArithmeticError) as error:
            raise ControlRefused(str(error)) from error

    def write_configuration(self, directory: Path, *, auth: str = "refresh_token") -> Path:
        """Write a ready configuration, with a refresh token of its own, and return the path of d2l-sync.toml."""
        self._configuration = write_configuration(
            directory,
            self._addresses,
            auth=auth,
            roster=self.control("roster"),
            refresh_token=self.control("new_refresh_token"),
            private_key=self._keys.private_pem,
        )
        return self._configuration

    def _authority(self, world: World) -> Authority:
        authority = Authority(world.clock, world.habits)
        person = Application(BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET, REDIRECT_URI, STAFF_CLIENT_SCOPE, SERVICE_USER)
        service = Application(SERVICE_CLIENT, None, None, STAFF_CLIENT_SCOPE, SERVICE_USER)
        authority.applications = {each.client_id: each for each in (person, service)}
        authority.key_sets[SERVICE_CLIENT] = self._keys.jwks
        return authority

    def _serve(self, name: str, answer: Callable[[Request], Response], port: int) -> Server:
        clock = self._clocks.badgr if name == "badgr" else self._clocks.brightspace
        host = "localhost" if name == "elsewhere" else "127.0.0.1"
        return Server(self._watched(name, answer, clock), clock, port=port, host=host)

    def _watched(self, name: str, answer: Callable[[Request], Response], clock: Clock) -> Answer:
        """Put control, journal and troubles before a server's own answers."""

        def watched(request: Request) -> Response:
            if request.path.startswith(PREFIX):
                return self._control.answer(request)
            entry = self._journal.arrived(name, request, at=clock.now())
            response = self._troubles.answer(name, request, lambda: answer(request))
            self._journal.answered(entry, response)
            return response

        return watched


def _answer_anybody(_request: Request) -> Response:
    return json_response(200, {"Objects": [], "Next": None})

"""The program beside the strangers' systems, run as its users run it."""

import os
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryFile

from tests.journeys.desk import Answer, Running
from tests.journeys.nursery import CHECKOUT, Nursery
from tests.strangers import badgr, brightspace
from tests.strangers.served import Whims
from tests.strangers.story import CLASSES, RULES, Story
from tests.strangers.tenant import Manners

SERVICE = """\
[brightspace]
url = "{courses}"
client_id = "{client}"
token_url = "{auth}/core/connect/token"
connections = 4
brightspace_client_secret_file = "b.secret"
[badging]
platform = "badgr"
url = "{badges}"
issuer = "{issuer}"
client_id = "{badge_client}"
badging_client_secret_file = "p.secret"
[pathways]
files = ["rules.toml"]
[guard]
max_awards_per_pass = {cap}
[delivery]
mode = "issue"
settle = "2s"
[console]
listen = "127.0.0.1:0"
"""


class StrangersDesk:
    """One installation beside strangers; signed in, with its roster. seed: tells the same story again."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        seed: int,
        *,
        people: int = 18,
        cap: int = 0,
        manners: Manners | None = None,
    ) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a story, no secret
        self.whims = Whims(random.Random(seed + 1))  # noqa: S311 - a story, no secret
        self.story = Story(self.dice, people)
        self.courses = brightspace.Brightspace(self.story.university, self.whims, manners)
        self.badges = badgr.Badgr(CLASSES, self.whims)
        self.folder = folder
        self._nursery = nursery
        self.configuration = folder / "config" / "d2l-sync.toml"
        self.configuration.parent.mkdir(parents=True)
        for name, secret in (("b.secret", brightspace.SECRET), ("p.secret", badgr.SECRET)):
            (self.configuration.parent / name).write_text(secret)
            (self.configuration.parent / name).chmod(0o600)
        (self.configuration.parent / "rules.toml").write_text(RULES)
        self.configuration.write_text(
            SERVICE.format(
                courses=self.courses.api.url,
                auth=self.courses.auth.url,
                client=brightspace.CLIENT,
                badges=self.badges.url,
                issuer=badgr.ISSUER,
                badge_client=badgr.CLIENT,
                cap=cap,
            )
        )
        plain = {name: value for name, value in os.environ.items() if not name.startswith("D2L_SYNC_")}
        self.environment = {**plain, "D2L_SYNC_CONFIG": str(self.configuration), "PYTHONPATH": str(CHECKOUT)}
        assert self.sign_in().code == 0
        (folder / "roster.csv").write_text(self.story.roster())
        assert self.run("teams", "import", folder / "roster.csv").code == 0

    def sign_in(self) -> Answer:
        return self.run("auth", "import", given=self.courses.door.new_refresh())

    def start(self, *words: object, given: str = "") -> Running:
        out, err = (TemporaryFile("w+", encoding="utf-8") for _ in range(2))  # noqa: SIM115
        with TemporaryFile("w+", encoding="utf-8") as stdin:
            stdin.write(given)
            stdin.seek(0)
            files = [stdin.fileno(), out.fileno(), err.fileno()]
            return Running(self._nursery.start([str(word) for word in words], self.environment, files), out, err)

    def run(self, *words: object, given: str = "") -> Answer:
        return self.start(*words, given=given).answer()

    def held(self) -> Counter[tuple[str, str]]:
        return Counter(self.badges.live())

    def stop(self) -> None:
        self.courses.stop()
        self.badges.server.stop()

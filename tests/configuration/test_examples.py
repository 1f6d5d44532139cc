"""The files that ship in config/ are working examples, and say the defaults as they are."""

import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from d2l_sync.configuration import load
from d2l_sync.domain.criterion import Quiz
from d2l_sync.domain.facts import SourceKind
from d2l_sync.domain.pathway import TeamSource
from d2l_sync.domain.settings import (
    BadgingSettings,
    BrightspaceSettings,
    DeliverySettings,
    GuardSettings,
    LogSettings,
    MailSettings,
    ScheduleSettings,
)

CONFIG = Path(__file__).parents[2] / "config"
SERVICE = CONFIG / "d2l-sync.toml"
SECRETS = {
    "D2L_SYNC_BRIGHTSPACE_CLIENT_SECRET": "pretended-1",
    "D2L_SYNC_BADGING_CLIENT_SECRET": "pretended-2",
}
EVERY_KEY = {
    "brightspace": "url client_id auth key_id redirect_uri token_url authorize_url lp_version le_version learner_roles"
    " exclude_users enrol_role connections brightspace_client_secret_file brightspace_private_key_file",
    "badging": "platform url issuer client_id username evidence_url badging_client_secret_file badging_password_file"
    " badging_api_key_file",
    "state": "url state_password_file",
    "pathways": "files",
    "schedule": "every full timezone",
    "guard": "max_awards_per_pass max_shrink_percent new_rules",
    "delivery": "mode notify settle connections",
    "console": "listen",
    "log": "format level",
    "health": "health_ping_url_file",
    "mail": "host port security username from to every mail_password_file",
}


@pytest.fixture(scope="module")
def loaded():
    return load(SERVICE, SECRETS)


@pytest.fixture
def pathway(loaded):
    return loaded[1][0]


def test_the_service_file_shows_the_defaults(loaded):
    settings = loaded[0]
    given = settings.brightspace

    assert given == BrightspaceSettings(url=given.url, client_id=given.client_id, client_secret="pretended-1")
    assert settings.badging == BadgingSettings(
        platform="badgr",
        url="https://api.badges.parchment.com",
        issuer=settings.badging.issuer,
        client_id=settings.badging.client_id,
        client_secret="pretended-2",
    )
    assert replace(settings.schedule, timezone=ZoneInfo("UTC")) == ScheduleSettings()
    assert settings.guard == GuardSettings()
    assert settings.delivery == DeliverySettings()
    assert settings.log == LogSettings()
    assert settings.mail == MailSettings()
    assert settings.console_listen == "127.0.0.1:8460"


def test_the_example_is_safe_to_start(loaded):
    """Nobody goes live by copying a file."""
    assert not loaded[0].delivery.is_live
    assert loaded[0].schedule.every == timedelta(minutes=15)


def test_the_service_file_names_every_key_once():
    text = SERVICE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL))
    keys = {name: re.findall(r"^(?:# )?(\w+) = ", body, flags=re.MULTILINE) for name, body in sections.items()}

    assert {name: sorted(found) for name, found in keys.items()} == {
        name: sorted(expected.split()) for name, expected in EVERY_KEY.items()
    }


def test_what_is_commented_out_would_parse():
    text = re.sub(r"^# (?=\w+ = )", "", SERVICE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert set(tomllib.loads(text)) == set(EVERY_KEY)


def test_the_programme_is_four_badges_in_order(pathway):
    assert [(badge.key, badge.requires, badge.team, badge.enrol, badge.approval) for badge in pathway.badges] == [
        ("level-1", (), False, False, False),
        ("level-2", ("level-1",), True, True, False),
        ("level-3", ("level-1", "level-2"), True, True, False),
        ("micro-credential", ("level-1", "level-2", "level-3"), False, False, True),
    ]
    assert pathway.teams == TeamSource()
    assert pathway.contact == "ums.mc@maine.edu"


def test_level_one_asks_for_the_reflection_and_80_percent(pathway):
    reflection, quiz = pathway.badges[0].criteria

    assert (reflection.key, reflection.kind) == ("reflection", "submission")
    assert (quiz.key, quiz.rule) == ("quiz", Quiz(min_percent=Decimal(80)))


def test_what_a_team_does_together_counts_for_every_member(pathway):
    by_team = [one.key for badge in pathway.badges for one in badge.criteria if one.by_team and one.is_required]

    assert by_team == ["metadata", "communication-plan", "website", "infographic"]


def test_the_levels_live_in_a_course_each_and_the_macro_badge_in_none(pathway):
    assert [sorted(badge.org_units) for badge in pathway.badges] == [[6601], [6602], [6603], []]
    assert {source.kind for badge in pathway.badges for source in badge.sources} == {SourceKind.FOLDER, SourceKind.QUIZ}

"""Which kinds of learners there are how often: sixty to a block, and blocks until there are enough."""

import itertools
import random
from collections.abc import Callable, Iterator

from d2l_sync.sandbox.badgr.scenario import BadgrScenario
from d2l_sync.sandbox.brightspace.people import User
from d2l_sync.sandbox.brightspace.world import SERVICE_USER, World
from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed import singles, teams
from d2l_sync.sandbox.seed.cast import Cast

Kind = Callable[[Cast], None]

BLOCK: tuple[tuple[Kind, int, int], ...] = (
    # kind, how many people it takes, how often in a block
    (singles.did_nothing, 1, 3),
    (singles.begins_later, 1, 2),
    (singles.only_reflected, 1, 2),
    (singles.only_took_the_quiz, 1, 1),
    (singles.has_exactly_80, 1, 1),
    (singles.has_79_99, 1, 1),
    (singles.a_hair_above, 1, 1),
    (singles.a_hair_below, 1, 1),
    (singles.regraded_up_later, 1, 1),
    (singles.regraded_down_later, 1, 1),
    (singles.submission_removed_later, 1, 1),
    (singles.best_of_two_attempts, 1, 1),
    (singles.more_than_everything, 1, 1),
    (singles.attempt_unmarked, 1, 1),
    (singles.attempt_unpublished, 1, 1),
    (singles.attempt_in_progress, 1, 1),
    (singles.feedback_without_submission, 1, 1),
    (singles.finished_level_1, 1, 3),
    (singles.exempt, 1, 1),
    (singles.capital_letters, 1, 1),
    (singles.address_in_the_record_only, 1, 1),
    (singles.no_address, 1, 1),
    (singles.two_with_one_address, 2, 1),
    (singles.withdrew, 1, 1),
    (singles.held_by_hand, 1, 1),
    (singles.held_by_hand_unearned, 1, 1),
    (singles.revoked_by_hand, 1, 1),
    (teams.waiting_for_approval, 3, 1),
    (teams.awarded_to_the_end_by_hand, 1, 1),
    (teams.not_confirmed, 3, 1),
    (teams.confirmed_far_ahead, 1, 1),
    (teams.in_the_middle_of_level_2, 3, 1),
    (teams.one_of_them_behind, 3, 1),
    (teams.in_the_middle_of_level_3, 2, 1),
    (teams.one_of_them_without_level_1, 2, 1),
    (teams.waiting_for_access, 2, 1),
    (teams.level_1_by_hand, 2, 1),
    (teams.left_the_team, 1, 1),
    (teams.the_one_who_handed_in_withdrew, 3, 1),
)
BLOCK_SIZE = sum(people * times for _, people, times in BLOCK)
STRANGER = "nobody.here@example.org"


def build_world(world: World, platform: BadgrScenario, *, learners: int, seed: int) -> Cast:
    """Fill an empty world with courses, staff and so many learners, and return the cast with its expectations.

    The same seed makes the same people and marks. From BLOCK_SIZE learners on, every kind occurs.
    """
    at.add_courses(world)
    cast = Cast(world, platform, random.Random(seed), learners)  # noqa: S311 - a story, no secret
    _add_service_user(world)
    _add_staff(cast)
    for kind in _kinds(learners):
        kind(cast)
    platform.award_by_hand(badge="level-1", email=STRANGER)
    cast.expectations.hand_made.add((STRANGER, "level-1"))
    return cast


def _kinds(learners: int) -> Iterator[Kind]:
    """Yield kinds block by block, until they make up exactly so many people."""
    left = learners
    for kind, people, times in itertools.cycle(BLOCK):
        for _ in range(times):
            if not left:
                return
            if people <= left:
                left -= people
                yield kind


def _add_service_user(world: World) -> None:
    world.users[SERVICE_USER] = User(SERVICE_USER, "Sync", "Service", "svc-d2l-sync", None, None, None)


def _add_staff(cast: Cast) -> None:
    """Add people who are on the classlists and no learners, though two of them did all of Level 1."""
    everywhere = (at.LEVEL_1, at.LEVEL_2, at.LEVEL_3)
    cast.learner(courses=everywhere, role="Instructor")
    assistant = cast.learner(courses=everywhere, role="Teaching Assistant")
    cast.does_level_1(assistant)
    demo = cast.learner(courses=everywhere)
    cast.change(demo, first_name="ZZDemo", last_name="Student", user_name="zzdemo.student.6601")
    cast.does_level_1(demo)
    for course in everywhere:
        cast.people.enrol(user=SERVICE_USER, org_unit=course, role="Service Account")

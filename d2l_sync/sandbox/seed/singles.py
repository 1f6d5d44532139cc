"""Kinds of learners on their own: each a small story with a stated end."""

from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed.cast import Cast
from d2l_sync.sandbox.seed.expected import Part

ONE = ("level-1",)


def part(kind: str, *, earns: tuple[str, ...] = (), later: tuple[str, ...] = ()) -> Part:
    return Part(0, kind, "", earns=earns, later=later)


def did_nothing(cast: Cast) -> None:
    cast.learner(part("did nothing"))


def begins_later(cast: Cast) -> None:
    user = cast.learner(part("begins later", later=ONE))
    cast.later(lambda: cast.does_level_1(user))


def only_reflected(cast: Cast) -> None:
    cast.reflects(cast.learner(part("only reflected")))


def only_took_the_quiz(cast: Cast) -> None:
    cast.takes_quiz(cast.learner(part("only took the quiz")), "8.5")


def has_exactly_80(cast: Cast) -> None:
    user = cast.learner(part("has exactly 80 %", earns=ONE))
    cast.reflects(user)
    cast.takes_quiz(user, "8")


def has_79_99(cast: Cast) -> None:
    user = cast.learner(part("has 79.99 %"))
    cast.reflects(user)
    cast.takes_quiz(user, "7.999")


def a_hair_above(cast: Cast) -> None:
    user = cast.learner(part("has nine places above 80 %", earns=ONE))
    cast.reflects(user)
    cast.takes_quiz(user, "8.000000001")


def a_hair_below(cast: Cast) -> None:
    user = cast.learner(part("has nine places below 80 %"))
    cast.reflects(user)
    cast.takes_quiz(user, "7.999999999")


def regraded_up_later(cast: Cast) -> None:
    user = cast.learner(part("has 79 %, regraded later", later=ONE))
    cast.reflects(user)
    attempt = cast.takes_quiz(user, "7.9")
    cast.later(lambda: cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score="8.1"))


def regraded_down_later(cast: Cast) -> None:
    """Keep what was awarded: a fallen grade opens a review and revokes nothing."""
    user = cast.learner(part("falls below after the award", earns=ONE))
    cast.reflects(user)
    attempt = cast.takes_quiz(user, "8")
    cast.later(lambda: cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score="6"))


def submission_removed_later(cast: Cast) -> None:
    user = cast.learner(part("loses the reflection after the award", earns=ONE))
    cast.does_level_1(user)
    cast.later(lambda: cast.dropbox.remove_submission(org_unit=at.LEVEL_1, folder=at.REFLECTION_1, user=user))


def best_of_two_attempts(cast: Cast) -> None:
    user = cast.learner(part("passed first, then failed", earns=ONE))
    cast.reflects(user)
    cast.takes_quiz(user, "9", day=2)
    cast.takes_quiz(user, "5", day=3)


def more_than_everything(cast: Cast) -> None:
    user = cast.learner(part("has 105 %", earns=ONE))
    cast.reflects(user)
    cast.takes_quiz(user, "10.5")


def attempt_unmarked(cast: Cast) -> None:
    user = cast.learner(part("has an attempt that nobody marked", later=ONE))
    cast.reflects(user)
    attempt = cast.grades.start_attempt(org_unit=at.LEVEL_1, quiz=at.QUIZ, user=user, at=cast.day(2))
    cast.grades.complete_attempt(org_unit=at.LEVEL_1, attempt=attempt, at=cast.day(2))
    cast.later(lambda: cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score="9.5"))


def attempt_unpublished(cast: Cast) -> None:
    user = cast.learner(part("has marks that are not published", later=ONE))
    cast.reflects(user)
    attempt = cast.grades.start_attempt(org_unit=at.LEVEL_1, quiz=at.QUIZ, user=user, at=cast.day(2))
    cast.grades.complete_attempt(org_unit=at.LEVEL_1, attempt=attempt, at=cast.day(2))
    cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score="9", published=False)
    cast.later(lambda: cast.grades.publish_attempt(org_unit=at.LEVEL_1, attempt=attempt))


def attempt_in_progress(cast: Cast) -> None:
    user = cast.learner(part("is in the middle of an attempt"))
    cast.reflects(user)
    attempt = cast.grades.start_attempt(org_unit=at.LEVEL_1, quiz=at.QUIZ, user=user, at=cast.day(2), running_score="9")
    cast.later(lambda: _ends(cast, attempt, score="7"))


def feedback_without_submission(cast: Cast) -> None:
    user = cast.learner(part("has feedback but handed nothing in", later=ONE))
    cast.takes_quiz(user, "9")
    cast.dropbox.give_feedback(org_unit=at.LEVEL_1, folder=at.REFLECTION_1, user=user)
    cast.later(lambda: cast.reflects(user, day=99))


def finished_level_1(cast: Cast) -> None:
    cast.does_level_1(cast.learner(part("finished Level 1", earns=ONE)))


def exempt(cast: Cast) -> None:
    user = cast.learner(part("is exempt from the quiz"))
    cast.reflects(user)
    cast.grades.exempt(org_unit=at.LEVEL_1, user=user, grade_object=at.QUIZ_GRADE)


def capital_letters(cast: Cast) -> None:
    """Spell the address in capitals; it is stored, and compared, in lower case."""
    user = cast.learner(part("has an address in capitals", earns=ONE))
    email = str(cast.world.users[user].email).title()
    cast.change(user, email=email, external_email=email)
    cast.does_level_1(user)


def address_in_the_record_only(cast: Cast) -> None:
    user = cast.learner(part("hides the address from classlists", earns=ONE))
    cast.change(user, hides_email=True)
    cast.does_level_1(user)


def no_address(cast: Cast) -> None:
    story = part("has no address")
    user = cast.learner(story)
    cast.change(user, email=None, external_email=None)
    story.address, story.blocked, story.meets = "", "no address", ONE
    cast.does_level_1(user)


def two_with_one_address(cast: Cast) -> None:
    stories = [part("shares an address") for _ in range(2)]
    users = [cast.learner(story) for story in stories]
    email = cast.world.users[users[0]].email
    cast.change(users[1], email=email, external_email=email)
    for story, user in zip(stories, users, strict=True):
        story.address, story.blocked, story.meets = str(email), "shared address", ONE
        cast.does_level_1(user)


def withdrew(cast: Cast) -> None:
    user = cast.learner(part("finished, and withdrew before the award"))
    cast.does_level_1(user)
    cast.people.withdraw(user=user)


def held_by_hand(cast: Cast) -> None:
    user = cast.learner(part("finished, and was awarded by hand"))
    cast.does_level_1(user)
    cast.awarded_by_hand(user, "level-1")


def held_by_hand_unearned(cast: Cast) -> None:
    user = cast.learner(part("failed, and was awarded by hand"))
    cast.takes_quiz(user, "4")
    cast.awarded_by_hand(user, "level-1")


def revoked_by_hand(cast: Cast) -> None:
    """Have nothing but a revoked award: a person must say whether there will be another."""
    user = cast.learner(part("finished, and had the award revoked"))
    cast.does_level_1(user)
    email = str(cast.world.users[user].email)
    given = cast.platform.award_by_hand(badge="level-1", email=email, issued_on=cast.day(5))
    cast.platform.revoke_by_hand(assertion=given)


def _ends(cast: Cast, attempt: int, *, score: str) -> None:
    cast.grades.complete_attempt(org_unit=at.LEVEL_1, attempt=attempt)
    cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score=score)

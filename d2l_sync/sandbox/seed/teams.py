"""Kinds of teams: who did what together, where it ends, and what changes in the second act."""

from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed.cast import CONFIRMED, Cast
from d2l_sync.sandbox.seed.expected import Part

ONE, TWO, ALL = at.LEVELS[:1], at.LEVELS[:2], at.LEVELS
EVERYWHERE = (at.LEVEL_1, at.LEVEL_2, at.LEVEL_3)
NOT_YET_IN_3 = (at.LEVEL_1, at.LEVEL_2)
FAR_AHEAD = "2099-01-01"


def part(kind: str, *, earns: tuple[str, ...] = (), later: tuple[str, ...] = ()) -> Part:
    """Tell a part; who has all three levels waits for approval of the macro-badge."""
    waits = set(ALL) <= set(earns)
    waits_later = not waits and set(ALL) <= {*earns, *later}
    return Part(0, kind, "", earns=earns, later=later, waits=waits, waits_later=waits_later)


def waiting_for_approval(cast: Cast) -> None:
    """Three finished everything; one leaves all courses and the team afterwards, and still may be approved."""
    team = [cast.learner(part("finished everything", earns=ALL), courses=EVERYWHERE) for _ in range(3)]
    _finish(cast, *team)
    name = cast.on_team(*team)
    cast.later(lambda: cast.people.withdraw(user=team[2]))
    cast.later(lambda: cast.roster.remove(name, team[2]))


def awarded_to_the_end_by_hand(cast: Cast) -> None:
    user = cast.learner(part("finished, and has the macro-badge by hand", earns=ALL), courses=EVERYWHERE)
    _finish(cast, user)
    cast.on_team(user)
    cast.awarded_by_hand(user, at.MACRO)


def not_confirmed(cast: Cast) -> None:
    """Three finished everything on a team that is confirmed only in the second act."""
    story = ("finished on an unconfirmed team", ONE, ("level-2", "level-3"))
    team = [cast.learner(part(story[0], earns=story[1], later=story[2]), courses=EVERYWHERE) for _ in range(3)]
    _finish(cast, *team)
    name = cast.on_team(*team, confirmed_on="")
    cast.later(lambda: cast.roster.confirm(name, CONFIRMED))


def confirmed_far_ahead(cast: Cast) -> None:
    user = cast.learner(part("is on a team confirmed in the future", earns=ONE), courses=NOT_YET_IN_3)
    cast.does_level_1(user)
    cast.does_level_2(user)
    cast.on_team(user, confirmed_on=FAR_AHEAD)


def in_the_middle_of_level_2(cast: Cast) -> None:
    """One of three handed the starter in; in the second act a second one does, and the team its part."""
    two = ("level-2",)
    team = [
        cast.learner(part("is doing Level 2", earns=ONE, later=later), courses=NOT_YET_IN_3) for later in (two, two, ())
    ]
    for user in team:
        cast.does_level_1(user)
    cast.hands_in(team[0], at.STARTER)
    group = cast.group(*team)
    cast.on_team(*team)
    cast.expectations.enrolments_later |= {(user, at.LEVEL_3) for user in team[:2]}
    cast.later(lambda: cast.hands_in(team[1], at.STARTER, at.COLLABORATION, day=99))
    cast.later(lambda: cast.drafts(group, team[0], day=99))


def one_of_them_behind(cast: Cast) -> None:
    """Two of three have Level 2 and are due in Level 3; the third lacks the starter until the second act.

    A worksheet, which decides nothing, has drafts and published marks.
    """
    team = [cast.learner(part("has Level 2", earns=TWO), courses=NOT_YET_IN_3) for _ in range(2)]
    team.append(cast.learner(part("lacks the starter", earns=ONE, later=("level-2",)), courses=NOT_YET_IN_3))
    for user in team:
        cast.does_level_1(user)
    for user in team[:2]:
        cast.hands_in(user, at.STARTER, at.WORKSHEET)
    cast.dropbox.give_feedback(org_unit=at.LEVEL_2, folder=at.WORKSHEET, user=team[0], score="17.25")
    cast.dropbox.give_feedback(org_unit=at.LEVEL_2, folder=at.WORKSHEET, user=team[1], score="3", published=False)
    cast.drafts(cast.group(*team), team[1])
    cast.hands_in(team[0], at.COLLABORATION)
    cast.on_team(*team)
    cast.expectations.enrolments |= {(user, at.LEVEL_3) for user in team[:2]}
    cast.expectations.enrolments_later.add((team[2], at.LEVEL_3))
    cast.later(lambda: cast.hands_in(team[2], at.STARTER, day=99))


def in_the_middle_of_level_3(cast: Cast) -> None:
    """Lack the infographic until the second act, in which one changes the address as well."""
    stories = [part("is doing Level 3", earns=TWO, later=("level-3",)) for _ in range(2)]
    team = [cast.learner(story, courses=EVERYWHERE) for story in stories]
    for user in team:
        cast.does_level_1(user)
        cast.hands_in(user, at.REFLECTION_3, day=41)
    cast.does_level_2(*team)
    cast.hands_in(team[0], at.COMMUNICATION, at.WEBSITE, day=40)
    cast.on_team(*team, by="user_id")
    moved = f"moved.{team[1]}@example.org"
    stories[1].later_address = moved
    cast.later(lambda: cast.hands_in(team[0], at.INFOGRAPHIC, day=99))
    cast.later(lambda: cast.people.change_address(user=team[1], email=moved))


def one_of_them_without_level_1(cast: Cast) -> None:
    """Both did all the work; one has 79.99 % in the quiz of Level 1, until it is regraded: then all at once."""
    team = [cast.learner(part("finished everything", earns=ALL), courses=EVERYWHERE)]
    team.append(cast.learner(part("lacks Level 1 alone", later=ALL), courses=EVERYWHERE))
    cast.does_level_1(team[0])
    cast.reflects(team[1])
    attempt = cast.takes_quiz(team[1], "7.999")
    cast.does_level_2(*team)
    cast.does_level_3(*team)
    cast.on_team(*team)
    cast.later(lambda: cast.grades.mark_attempt(org_unit=at.LEVEL_1, attempt=attempt, score="8.00"))


def waiting_for_access(cast: Cast) -> None:
    team = [cast.learner(part("is due in Level 2", earns=ONE)) for _ in range(2)]
    for user in team:
        cast.does_level_1(user)
    cast.on_team(*team)
    cast.expectations.enrolments |= {(user, at.LEVEL_2) for user in team}


def level_1_by_hand(cast: Cast) -> None:
    """Hold Level 1 by hand, which counts though its learner never took the quiz."""
    team = [
        cast.learner(part("has Level 1 by hand, and did Level 2", earns=("level-2",)), courses=EVERYWHERE),
        cast.learner(part("has Level 2", earns=TWO), courses=EVERYWHERE),
    ]
    cast.awarded_by_hand(team[0], "level-1")
    cast.does_level_1(team[1])
    cast.does_level_2(*team)
    cast.on_team(*team)


def left_the_team(cast: Cast) -> None:
    """Whoever left the team has Level 1 only, until put on another in the second act."""
    user = cast.learner(part("left the team", earns=ONE, later=("level-2",)), courses=EVERYWHERE)
    cast.does_level_1(user)
    cast.does_level_2(user)
    cast.later(lambda: cast.on_team(user))


def the_one_who_handed_in_withdrew(cast: Cast) -> None:
    """Rely on somebody who handed in the collaboration and is no active learner any more: it counts for nobody."""
    team = [cast.learner(part("is left behind by a team-mate", earns=ONE), courses=NOT_YET_IN_3) for _ in range(2)]
    gone = cast.learner(part("handed in for the team, and withdrew"), courses=NOT_YET_IN_3)
    for user in (*team, gone):
        cast.does_level_1(user)
        cast.hands_in(user, at.STARTER)
    cast.drafts(cast.group(*team, gone), team[0])
    cast.hands_in(gone, at.COLLABORATION)
    cast.on_team(*team, gone)
    cast.people.withdraw(user=gone)


def _finish(cast: Cast, *team: int) -> None:
    for user in team:
        cast.does_level_1(user)
    cast.does_level_2(*team)
    cast.does_level_3(*team)

"""The main job: who earned what gets it, once; the expected sets are the world's own, stated as it was made."""


def test_five_hundred_learners_with_all_the_awkward_data_get_exactly_what_they_earned(open_desk):
    desk = open_desk(learners=500, seed=7)
    desk.sign_in()

    first = desk.sync()
    held = desk.held()
    desk.sync()  # those who were let into a course are on its lists now
    third = desk.sync()

    assert (first["outcome"], held) == ("complete", desk.expected("before_approvals"))
    assert (third["awards"]["issued"], third["facts"]["changed"], desk.held()) == (0, 0, held)
    desk.sandbox.control("begin_second_act")
    desk.take_over_roster()
    desk.sync()
    assert desk.held() == desk.expected("before_approvals")
    assert desk.run("approvals", "approve", "--all").code == 0
    desk.sync()
    assert desk.held() == desk.expected("after_approvals")


def test_level_1_to_the_macro_badge_is_earned_in_one_pass_when_it_was_approved_beforehand(desk):
    user_id = desk.sandbox.expected()["waiting"][0]
    address, _ = user_id
    assert desk.run("approvals", "approve", address).code == 0

    report = desk.sync()

    assert report["outcome"] == "complete"
    assert {badge for who, badge in desk.held() if who == address} == {
        "level-1",
        "level-2",
        "level-3",
        "micro-credential",
    }


def test_who_is_approved_after_leaving_every_course_still_gets_the_macro_badge(desk):
    desk.sync()
    waiting = desk.run("approvals", "list", "--json").json[0]
    for org_unit in (6601, 6602, 6603):
        desk.sandbox.control("withdraw", org_unit=org_unit, user=waiting["user_id"])
    desk.run("approvals", "approve", waiting["user_id"])

    desk.sync()

    assert desk.held()[waiting["email"], "micro-credential"] == 1


def test_what_was_awarded_by_hand_is_adopted_and_a_stranger_is_a_review(desk):
    hand_made = len(desk.sandbox.expected()["hand_made"])

    report = desk.sync()

    found = desk.run("reviews", "list", "--json").json
    assert report["awards"]["adopted"] + len([1 for one in found if one["kind"] == "unknown_recipient"]) == hand_made
    assert max(desk.held().values()) == 1


def test_a_third_of_the_awards_made_by_hand_beforehand_are_adopted_and_none_is_repeated(desk):
    ahead = sorted(desk.expected("before_approvals") - desk.held())[::3]
    for address, badge in ahead:
        desk.sandbox.control("award_by_hand", badge=badge, email=address)

    report = desk.sync()

    assert report["awards"]["adopted"] >= len(ahead)
    assert desk.held() == desk.expected("before_approvals")


def test_a_plan_says_exactly_what_the_pass_then_issues_and_writes_nothing(desk):
    plan = desk.run("plan", "--json")
    before = desk.held()

    desk.sync()

    planned = {(one["user_id"], one["badge"]) for one in plan.json["would_issue"]}
    issued = {
        (one["user_id"], one["badge"])
        for one in desk.run("awards", "list", "--state", "issued", "--json").json
        if one["attempts"]
    }
    assert (plan.code, plan.json["pass"], planned) == (0, None, issued)
    assert sum(desk.held().values()) - sum(before.values()) == len(issued)

"""One way through everything: token, classlist, work, award."""


def test_a_learner_can_be_followed_from_the_classlist_to_the_award(brightspace, badgr, sandbox):
    learner = brightspace.learner("has exactly 80 %")
    listed = {row["Identifier"]: row for row in brightspace.objects("le/1.82/6601/classlist/paged/")}
    work = brightspace.objects("le/1.82/6601/dropbox/folders/33101/submissions/paged/")
    attempts = brightspace.objects("le/1.82/6601/quizzes/44101/attempts/", userId=learner["user_id"])

    answer = badgr.award("level-1", learner["address"])

    assert listed[str(learner["user_id"])]["Email"].lower() == learner["address"]
    assert any(row["Entity"]["EntityId"] == learner["user_id"] and row["Submissions"] for row in work)
    assert [attempt["Score"] for attempt in attempts] == [8]
    assert answer.status_code == 201
    assert [learner["address"], "level-1"] in sandbox.live_pairs()

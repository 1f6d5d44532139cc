"""Sign-in: the chain of single-use refresh tokens goes on from process to process, or a person is told."""

import re


def renewals(desk):
    return len(desk.sandbox.journal(server="auth", method="POST"))


def test_a_new_process_uses_what_is_still_good(desk):
    for _ in range(3):
        desk.sync()

    assert renewals(desk) == 1


def test_each_renewal_is_stored_before_it_is_used(desk):
    for _ in range(3):
        desk.sync()
        desk.sandbox.control("expire_access_tokens")

    assert desk.run("check").code == 0


def test_check_says_that_it_tried_the_client_secret_or_that_it_did_not(desk):
    desk.sandbox.control("expire_access_tokens")

    renewing, using = desk.run("check").out, desk.run("check").out

    assert "ok   Brightspace client: its secret or key is taken" in renewing
    assert "ok   Brightspace client: its secret was not tried: it is proved at the next renewal, due 20" in using


def test_auth_status_tells_how_old_the_token_is_and_never_the_token(desk):
    desk.sync()

    told, spoken = desk.listed("auth", "status"), desk.run("auth", "status").out

    assert (told["state"], told["renewals"], told["age_s"] >= 0) == ("signed in", 2, True)
    assert set(told) == {"auth", "state", "obtained_at", "age_s", "expires_at", "renewals"}
    assert "seconds ago: " in spoken


def test_status_tells_how_old_the_sign_in_is_and_whether_it_was_tried(desk):
    before = desk.run("status").out
    desk.sync()

    told, spoken = desk.listed("status"), desk.run("status").out

    assert re.search(r"Brightspace sign-in: good, given \d+ s ago and not tried yet", before)
    assert re.search(r"Brightspace sign-in: good, last renewed \d+ s ago", spoken)
    assert told["auth_age_s"] >= 0
    assert told["auth_renewed_at"].startswith("20")


def test_a_lost_answer_of_a_renewal_ends_in_words_and_77_until_somebody_signs_in(desk):
    desk.sandbox.trouble("auth", "/token", kind="lose_answer", times=1)

    lost = desk.run("sync", "--json")
    refused = desk.run("sync", "--json")
    status = desk.run("auth", "status", "--json").json
    desk.run("auth", "import", given=desk.sandbox.control("new_refresh_token"))

    assert (lost.code, refused.code, refused.json["pass"], refused.json["outcome"]) == (69, 77, None, None)
    assert "auth login" in refused.json["problems"][0]["hint"]
    assert "auth login" in status["state"]
    assert (desk.sync()["outcome"], desk.held()) == ("complete", desk.expected("before_approvals"))


def test_two_processes_that_need_a_token_make_one_renewal(desk):
    started = [desk.start("check", "--json") for _ in range(2)]

    codes = [one.answer().code for one in started]

    assert (codes, renewals(desk)) == ([0, 0], 1)


def test_processes_whose_token_ends_at_the_same_moment_make_one_renewal(desk):
    desk.sync()
    before = renewals(desk)
    desk.sandbox.control("expire_access_tokens")
    desk.sandbox.trouble("auth", "/token", kind="stall", seconds=0.5)
    started = [desk.start("plan", "--json") for _ in range(3)]

    codes = [one.answer().code for one in started]

    assert (codes, renewals(desk) - before) == ([0, 0, 0], 1)
    assert desk.sandbox.control("token_counts").get("refused", 0) == 0


def test_nobody_signed_in_is_77_with_a_hint(unsigned):
    answer = unsigned.run("sync", "--json")

    assert (answer.code, answer.json["pass"], answer.json["outcome"]) == (77, None, None)
    assert "auth" in answer.json["problems"][0]["hint"]


def test_a_wrong_secret_of_the_platform_is_77_and_concludes_nothing(desk):
    (desk.sandbox.configuration.parent / "secrets" / "badging_client_secret").write_text("wrong", encoding="utf-8")
    before = desk.held()

    answer = desk.run("sync", "--json")

    assert (answer.code, desk.held()) == (77, before)


def test_a_refusal_of_the_platform_shows_in_status_until_its_secret_is_mended(desk):
    secret = desk.sandbox.configuration.parent / "secrets" / "badging_client_secret"
    good = secret.read_text(encoding="utf-8")
    desk.sandbox.control("set_throttle", on=False)
    secret.write_text("wrong", encoding="utf-8")
    desk.run("sync")

    refused, spoken = desk.listed("status")["badging_auth"], desk.run("status").out
    secret.write_text(good, encoding="utf-8")
    desk.sync()

    assert refused != "good"
    assert f"Badging platform: {refused}" in spoken
    assert desk.listed("status")["badging_auth"] == "good"


def test_a_refusal_of_our_client_shows_in_status_until_its_secret_is_mended(desk):
    """No sign-in would help, and none is asked for."""
    secret = desk.sandbox.configuration.parent / "secrets" / "brightspace_client_secret"
    good = secret.read_text(encoding="utf-8")
    secret.write_text("wrong", encoding="utf-8")
    desk.run("sync")

    refused, told = desk.listed("status"), desk.listed("auth", "status")["state"]
    secret.write_text(good, encoding="utf-8")
    desk.sync()

    assert (refused["auth"], refused["auth_hint"]) == (told, "see: d2l-sync check")
    assert told == "a person must look: the token endpoint refuses us (401, invalid_client)"
    assert desk.listed("status")["auth"] == "signed in"


def test_client_credentials_with_a_private_key_need_no_person(open_desk):
    desk = open_desk(learners=60, auth="client_credentials")
    desk.take_over_roster()

    desk.sync()
    before = renewals(desk)
    checked = desk.run("check").out

    assert desk.held() == desk.expected("before_approvals")
    assert ("Brightspace client: its secret or key is taken" in checked, renewals(desk) - before) == (True, 1)


def test_a_service_user_has_a_new_token_for_a_kind_of_criterion_that_came_later(open_desk):
    desk = open_desk(learners=60, auth="client_credentials")
    desk.take_over_roster()
    [rules] = desk.sandbox.configuration.parent.glob("pathways/*.toml")
    whole = rules.read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(?= *\[\[)", whole)
    rules.write_text("".join(part for part in parts if 'kind = "quiz"' not in part), encoding="utf-8")
    desk.sync()
    before = renewals(desk)

    rules.write_text(whole, encoding="utf-8")
    outcomes = [desk.sync("--dry-run")["outcome"] for _ in range(2)]

    assert (outcomes, renewals(desk) - before) == (["complete", "complete"], 1)

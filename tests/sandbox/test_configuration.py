"""The written configuration: complete, parseable, and true to the sandbox that wrote it."""

import stat
import tomllib

import pytest

from tests.sandbox.conftest import Brightspace


@pytest.fixture
def written(sandbox, tmp_path):
    return sandbox.write_configuration(tmp_path)


def pathway_of(written):
    (file,) = written.parent.glob("pathways/*.toml")
    return file.name, tomllib.loads(file.read_text())


def test_everything_stands_below_one_directory(written, tmp_path):
    assert written == tmp_path / "config" / "d2l-sync.toml"
    assert {each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()} == {
        "config/d2l-sync.toml",
        "config/pathways/ums-micro-credential-development.toml",
        "config/secrets/badging_client_secret",
        "config/secrets/brightspace_client_secret",
        "config/secrets/brightspace_private_key",
        "refresh-token.txt",
        "roster.csv",
    }
    assert (tmp_path / "state").is_dir()


def test_secrets_are_for_their_owner_only(written, tmp_path):
    for file in (*written.parent.glob("secrets/*"), tmp_path / "refresh-token.txt"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_refresh_token_opens_the_api(sandbox, http, written, tmp_path):
    brightspace = Brightspace(sandbox, http)

    answer = brightspace.refresh((tmp_path / "refresh-token.txt").read_text().strip())

    assert answer.status_code == 200


def test_the_scope_given_is_the_least_a_service_needs(sandbox, http, written, tmp_path):
    brightspace = Brightspace(sandbox, http)

    assert "core:*:*" not in brightspace.tokens["scope"]
    assert "enrollment:orgunit:create" in brightspace.tokens["scope"]


def test_the_other_way_of_authenticating_can_be_asked_for(sandbox, tmp_path):
    written = sandbox.write_configuration(tmp_path, auth="client_credentials")
    brightspace = tomllib.loads(written.read_text())["brightspace"]

    assert (brightspace["auth"], brightspace["key_id"]) == ("client_credentials", "sandbox-key-1")
    assert (written.parent / brightspace["brightspace_private_key_file"]).read_text().startswith("-----BEGIN PRIVATE")


def test_every_id_of_the_pathway_exists_on_both_systems(brightspace, badgr, written):
    _, pathway = pathway_of(written)

    for badge in pathway["badge"]:
        assert badgr.ask(f"/v2/badgeclasses/{badge['badge_class']}").status_code == 200
        for criterion in badge.get("criterion", []):
            kinds = {"folder": "dropbox/folders", "quiz": "quizzes", "grade_object": "grades"}
            ((key, route),) = ((key, route) for key, route in kinds.items() if key in criterion)
            assert brightspace.ask(f"le/1.82/{badge['org_unit']}/{route}/{criterion[key]}").status_code == 200


def test_the_pathway_is_that_of_the_programme(written):
    name, pathway = pathway_of(written)

    assert name == "ums-micro-credential-development.toml"
    asked = [(each["key"], each.get("requires"), each.get("team"), each.get("approval")) for each in pathway["badge"]]
    assert asked == [
        ("level-1", None, None, None),
        ("level-2", ["level-1"], True, None),
        ("level-3", ["level-1", "level-2"], True, None),
        ("micro-credential", ["level-1", "level-2", "level-3"], None, True),
    ]


def test_the_service_goes_live_and_fast(written):
    service = tomllib.loads(written.read_text())

    assert (service["delivery"]["mode"], service["delivery"]["settle"]) == ("issue", "2s")
    assert service["brightspace"]["exclude_users"] == ["zzdemo.*"]


def test_it_may_be_written_again(sandbox, written, tmp_path):
    before = (tmp_path / "refresh-token.txt").read_text()

    sandbox.write_configuration(tmp_path)

    assert (tmp_path / "refresh-token.txt").read_text() != before

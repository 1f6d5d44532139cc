"""Rule files become pathways: criteria in their places, offerings, order, and a version of what decides."""

from datetime import date
from decimal import Decimal

import pytest

from d2l_sync.configuration import load_pathways
from d2l_sync.domain.criterion import Attested, Combination, Criterion, Grade, GradedSubmission, Quiz, Submission
from d2l_sync.domain.facts import AttemptPolicy, Source, SourceKind
from d2l_sync.domain.ids import BadgeClassId, BadgeKey, CriterionKey, GroupCategoryId, OrgUnitId, PathwayKey
from d2l_sync.domain.pathway import Badge, Offering, Pathway, TeamSource
from tests.configuration.files import HEAD, LEVEL_1, PATHWAY

# As the contract shows it, with ids where it has dots, and the badges that it leaves out.
CONTRACT = """
key = "ums-mcd"
name = "UMS Micro-Credential Development"
page = "https://www.example.edu/mcd"   # optional: public page; shown in explain, console, reports
contact = "ums.mc@maine.edu"      # optional: whom learners ask

[teams]                           # what "a confirmed development team" means
source = "roster"                 # kept by administrators; or "groups" with org_unit and group_category

[[badge]]
key = "level-1"
name = "UMS Micro-Credential Development Level 1"
badge_class = "class-1"           # id on the badging platform
org_unit = 6601

  [[badge.criterion]]
  key = "reflection"
  name = "Complete a brief reflection"
  kind = "submission"
  folder = 33101

  [[badge.criterion]]
  key = "quiz"
  name = "Score 80% or higher on the terms and definitions quiz"
  kind = "quiz"
  quiz = 44101
  min_percent = 80
  attempt = "policy"              # the quiz's own: or highest | latest | first | lowest | average

[[badge]]
key = "level-2"
name = "UMS Micro-Credential Development Level 2"
badge_class = "class-2"
requires = ["level-1"]
team = true                       # the learner must be on a confirmed team
enrol = true                      # give the eligible access to this org unit (default false)
org_unit = 6602

[[badge]]
key = "level-3"
name = "UMS Micro-Credential Development Level 3"
badge_class = "class-3"
requires = ["level-1", "level-2"]

[[badge]]
key = "micro-credential"
name = "UMS Micro-Credential Development"
badge_class = "class-4"
requires = ["level-1", "level-2", "level-3"]
approval = true                   # an administrator approves each award
# awarded_by = "platform"         # a platform pathway awards it: we track it and never send it
"""


@pytest.fixture
def read(tmp_path):
    """Read one rule file."""

    def reader(text: str) -> Pathway:
        path = tmp_path / "rules.toml"
        path.write_text(text, encoding="utf-8")
        return load_pathways([path])[0]

    return reader


@pytest.fixture
def criterion(read):
    """Read one criterion in the org unit 6601."""

    def reader(text: str):
        return read(f"{HEAD}{LEVEL_1}[[badge.criterion]]\n{text}\n").badges[0].criteria[0]

    return reader


def source(kind: SourceKind, item_id: int = 0, *, org_unit: int = 6601) -> Source:
    return Source(kind, OrgUnitId(org_unit), item_id)


def test_the_contracts_own_pathway_is_read(read):
    pathway = read(CONTRACT)
    first, second, _, last = pathway.badges

    assert (pathway.key, pathway.name, pathway.page, pathway.contact, pathway.teams) == (
        "ums-mcd",
        "UMS Micro-Credential Development",
        "https://www.example.edu/mcd",
        "ums.mc@maine.edu",
        TeamSource(),
    )
    assert first == Badge(
        BadgeKey("level-1"),
        "UMS Micro-Credential Development Level 1",
        BadgeClassId("class-1"),
        PathwayKey("ums-mcd"),
        criteria=(
            Criterion(
                CriterionKey("reflection"),
                "Complete a brief reflection",
                "submission",
                rule=Submission(),
                sources=(source(SourceKind.FOLDER, 33101),),
            ),
            Criterion(
                CriterionKey("quiz"),
                "Score 80% or higher on the terms and definitions quiz",
                "quiz",
                rule=Quiz(min_percent=Decimal(80)),
                sources=(source(SourceKind.QUIZ, 44101),),
            ),
        ),
        offerings=(Offering(OrgUnitId(6601)),),
        rule_version=first.rule_version,
    )
    assert (second.requires, second.team, second.enrol) == (("level-1",), True, True)
    assert (last.requires, last.approval, last.offerings) == (("level-1", "level-2", "level-3"), True, ())


@pytest.mark.parametrize(
    ("text", "rule", "where"),
    [
        pytest.param("kind = 'submission'\nfolder = 5", Submission(), (SourceKind.FOLDER, 5), id="submission"),
        pytest.param(
            "kind = 'graded_submission'\nfolder = 5", GradedSubmission(), (SourceKind.FOLDER, 5), id="any score"
        ),
        pytest.param(
            "kind = 'graded_submission'\nfolder = 5\nmin_percent = 70",
            GradedSubmission(Decimal(70)),
            (SourceKind.FOLDER, 5),
            id="graded submission",
        ),
        pytest.param(
            "kind = 'quiz'\nquiz = 6\nmin_percent = 79.99\nattempt = 'highest'\nmax_points = 12.5",
            Quiz(Decimal("79.99"), AttemptPolicy.HIGHEST, Decimal("12.5")),
            (SourceKind.QUIZ, 6),
            id="quiz, in exact decimals",
        ),
        pytest.param(
            "kind = 'grade'\ngrade_object = 7\nmin_percent = 110",
            Grade(min_percent=Decimal(110)),
            (SourceKind.GRADE, 7),
            id="grade with a bonus",
        ),
        pytest.param(
            "kind = 'grade'\ngrade_object = 7\nmin_points = 0.1",
            Grade(min_points=Decimal("0.1")),
            (SourceKind.GRADE, 7),
            id="grade in points",
        ),
        pytest.param(
            "kind = 'final_grade'\nmin_percent = 60",
            Grade(min_percent=Decimal(60)),
            (SourceKind.FINAL_GRADE,),
            id="final grade",
        ),
    ],
)
def test_each_kind_has_its_rule_and_its_source(criterion, text, rule, where):
    found = criterion(text)

    assert found.rule == rule
    assert found.sources == (source(*where),)


@pytest.mark.parametrize("policy", list(AttemptPolicy))
def test_every_attempt_policy_may_be_asked_for(criterion, policy):
    found = criterion(f"kind = 'quiz'\nquiz = 6\nmin_percent = 80\nattempt = '{policy.value}'")

    assert found.rule.policy is policy


def test_any_criterion_may_stand_elsewhere_count_for_the_team_or_only_be_shown(criterion):
    attested = "[[badge.criterion]]\nkind = 'attested'"
    found = criterion(f"kind = 'submission'\nfolder = 5\norg_unit = 9\nby = 'team'\nrequired = false\n{attested}")

    assert (found.sources, found.by_team, found.is_required) == (
        (source(SourceKind.FOLDER, 5, org_unit=9),),
        True,
        False,
    )


def test_an_attestation_knows_its_pathway_and_badge(criterion):
    assert criterion("kind = 'attested'\nkey = 'seen'\noptions = ['yes', 'partly']") == Attested(
        CriterionKey("seen"), "seen", badge="level-1", pathway="mcd", options=("yes", "partly")
    )


def test_a_key_is_kind_and_position_and_a_name_is_the_key(read):
    text = f"{PATHWAY}[[badge.criterion]]\nkind = 'any'\nof = [{{ kind = 'attested' }}, {{ kind = 'attested' }}]\n"

    first, second = read(text).badges[0].criteria

    assert (first.key, first.name) == ("submission-1", "submission-1")
    assert (second.key, [part.key for part in second.of]) == ("any-2", ["attested-2-1", "attested-2-2"])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("kind = 'any'", 1, id="any"),
        pytest.param("kind = 'all'", 2, id="all that are required"),
        pytest.param("kind = 'at_least'\ncount = 2", 2, id="at least two"),
    ],
)
def test_criteria_nest(criterion, text, count):
    found = criterion(
        f"""{text}
        of = [
          {{ kind = 'attested' }},
          {{ kind = 'any', of = [{{ kind = 'submission', folder = 5 }}] }},
          {{ kind = 'attested', required = false }},
        ]"""
    )

    assert isinstance(found, Combination)
    assert (found.count, len(found.of)) == (count, 3)
    assert found.sources == (source(SourceKind.FOLDER, 5),)


def test_nested_criteria_may_be_tables_of_their_own_and_inherit_the_org_unit(criterion):
    found = criterion(
        """kind = 'any'
        by = 'team'
        org_unit = 9
        [[badge.criterion.of]]
        kind = 'submission'
        folder = 5
        [[badge.criterion.of]]
        kind = 'submission'
        org_unit = 10
        folder = 6"""
    )

    assert (found.by_team, [part.by_team for part in found.of]) == (True, [False, False])
    assert found.sources == (
        source(SourceKind.FOLDER, 5, org_unit=9),
        source(SourceKind.FOLDER, 6, org_unit=10),
    )


OFFERED = """
[[badge]]
key = "level-1"
name = "Level 1"
badge_class = "class-1"
  [[badge.offering]]
  org_unit = 6601
  until = 2026-12-31
  reflection = { folder = 33101 }
  quiz = { quiz = 44101 }
  [[badge.offering]]
  org_unit = 6611
  quiz = { quiz = 44111 }
  [[badge.criterion]]
  key = "reflection"
  kind = "submission"
  folder = 33199
  [[badge.criterion]]
  kind = "any"
  of = [{ key = "quiz", kind = "quiz", min_percent = 80 }]
  [[badge.criterion]]
  kind = "final_grade"
  min_percent = 50
  [[badge.criterion]]
  kind = "submission"
  org_unit = 9
  folder = 5
"""


def test_a_badge_is_offered_in_several_org_units(read):
    badge = read(HEAD + OFFERED).badges[0]

    assert badge.offerings == (Offering(OrgUnitId(6601), date(2026, 12, 31)), Offering(OrgUnitId(6611)))
    assert badge.home_org_units == {6601, 6611}


def test_each_offering_gives_its_ids_and_what_it_leaves_out_is_the_criterions_own(read):
    reflection, nested, final, elsewhere = read(HEAD + OFFERED).badges[0].criteria

    assert reflection.sources == (
        source(SourceKind.FOLDER, 33101),
        source(SourceKind.FOLDER, 33199, org_unit=6611),
    )
    assert nested.sources == (source(SourceKind.QUIZ, 44101), source(SourceKind.QUIZ, 44111, org_unit=6611))
    assert final.sources == (source(SourceKind.FINAL_GRADE), source(SourceKind.FINAL_GRADE, org_unit=6611))
    assert elsewhere.sources == (source(SourceKind.FOLDER, 5, org_unit=9),)


def test_teams_may_be_groups(read):
    pathway = read(PATHWAY + "[teams]\nsource = 'groups'\norg_unit = 6602\ngroup_category = 77\n")

    assert pathway.teams == TeamSource(OrgUnitId(6602), GroupCategoryId(77))
    assert pathway.org_units == {6601, 6602}


def test_a_platform_may_award_a_badge(read):
    assert read(PATHWAY.replace("org_unit", 'awarded_by = "platform"\norg_unit')).badges[0].by_platform


def test_badges_stand_behind_what_they_require_and_else_as_in_the_file(read):
    wanted = {"macro": ["b", "a"], "a": [], "c": ["b"], "b": ["a"], "d": []}
    text = "".join(
        f"[[badge]]\nkey = '{key}'\nname = '{key}'\nbadge_class = '{key}'\nteam = true\nrequires = {requires}\n"
        for key, requires in wanted.items()
    )

    assert [badge.key for badge in read(HEAD + text).badges] == ["a", "b", "macro", "c", "d"]


RULES = (
    PATHWAY
    + """
[[badge.criterion]]
kind = "quiz"
quiz = 5
min_percent = 80
[[badge.criterion]]
kind = "all"
of = [{ key = "seen", kind = "attested", options = ["x", "y"] }, { kind = "grade", grade_object = 7, min_points = 3 }]
"""
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('name = "Level 1"', 'name = "First level"', id="the badge's name"),
        pytest.param('name = "Development"', 'name = "D"\npage = "https://a.example"', id="what the pathway shows"),
        pytest.param("min_percent = 80", "min_percent = 80.0", id="how a number is written"),
        pytest.param("min_percent = 80", "min_percent = 80\nattempt = 'policy'", id="a default that is written out"),
        pytest.param("folder = 33101", "folder = 33101\nkey = 'k'\nname = 'n'", id="what a criterion is called"),
        pytest.param('["x", "y"]', '["y", "x"]', id="the order of options"),
        pytest.param("org_unit = 6601", "org_unit = 6601\nenrol = true", id="access"),
        pytest.param("\n[[badge.criterion]]\nkind", "\n\n# why\n  [[badge.criterion]]\n  kind", id="spelling"),
    ],
)
def test_a_rule_version_stays_when_nothing_that_decides_moves(read, old, new):
    assert old in RULES

    assert read(RULES.replace(old, new)).badges[0].rule_version == read(RULES).badges[0].rule_version


def test_a_criterion_that_is_only_shown_does_not_decide(read):
    more = RULES + "[[badge.criterion]]\nkind = 'submission'\nfolder = 8\nrequired = false\n"

    assert read(more).badges[0].rule_version == read(RULES).badges[0].rule_version


def test_the_order_of_criteria_does_not_decide(read):
    quiz = '[[badge.criterion]]\nkind = "quiz"\nquiz = 5\nmin_percent = 80\n'
    folder = '[[badge.criterion]]\nkind = "submission"\nfolder = 5\n'
    one, other = (read(HEAD + LEVEL_1 + both).badges[0] for both in (quiz + folder, folder + quiz))

    assert one.rule_version == other.rule_version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"level-1"', '"level-one"', id="the badge"),
        pytest.param('"class-1"', '"class-9"', id="the badge class"),
        pytest.param("6601", "6609", id="the org unit"),
        pytest.param("33101", "33109", id="an id"),
        pytest.param("min_percent = 80", "min_percent = 80.01", id="a minimum"),
        pytest.param("min_percent = 80", "min_percent = 80\nattempt = 'highest'", id="an attempt policy"),
        pytest.param("min_percent = 80", "min_percent = 80\nmax_points = 5", id="points possible"),
        pytest.param("folder = 33101", "folder = 33101\nby = 'team'", id="who counts"),
        pytest.param("folder = 33101", "folder = 33101\nrequired = false", id="whether it decides"),
        pytest.param('kind = "all"', 'kind = "any"', id="how many"),
        pytest.param('"seen"', '"heard"', id="an attestation's key"),
        pytest.param('["x", "y"]', '["x"]', id="an attestation's options"),
        pytest.param("min_points", "min_percent", id="points or per cent"),
        pytest.param("org_unit = 6601", "org_unit = 6601\nteam = true", id="a team"),
        pytest.param("org_unit = 6601", "org_unit = 6601\napproval = true", id="an approval"),
        pytest.param("org_unit = 6601", "org_unit = 6601\nawarded_by = 'platform'", id="who awards"),
        pytest.param(HEAD, f"{HEAD}teams = {{ source = 'groups', org_unit = 1, group_category = 2 }}\n", id="teams"),
    ],
)
def test_a_rule_version_moves_with_everything_that_decides(read, old, new):
    assert old in RULES

    before, after = read(RULES).badges[0].rule_version, read(RULES.replace(old, new)).badges[0].rule_version

    assert before != after
    assert len(after) == 12


def test_a_rule_version_moves_with_prerequisites_and_last_days(read):
    other = "[[badge]]\nkey = 'b'\nname = 'b'\nbadge_class = 'b'\nteam = true\n"
    texts = [
        HEAD + OFFERED + other,
        HEAD + OFFERED.replace("2026-12-31", "2027-01-31") + other,
        HEAD + OFFERED.replace('name = "Level 1"', 'name = "Level 1"\nrequires = ["b"]') + other,
    ]

    versions = {badge.rule_version for text in texts for badge in read(text).badges if badge.key == "level-1"}

    assert len(versions) == 3

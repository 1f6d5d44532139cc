"""Every fault of a rule file names its key, says what is wrong, and what would be right."""

import pytest

from tests.configuration.files import HEAD, LEVEL_1, PATHWAY, rule_faults

HOST = "https:// and a host; http:// only for this machine"
PER_CENT = "a number above 0, at most 100"
READABLE = "one of: submission, graded_submission, quiz, grade, final_grade, any, all, at_least, attested"
OF = "the nested criteria: of = [{ kind = … }, …] or [[….of]]"
NO_FOLDER = "the id that Brightspace gave the dropbox folder"
KNOWN = "known: by, folder, key, kind, name, org_unit, required"


def badge(key: str, body: str = "") -> str:
    return f'[[badge]]\nkey = "{key}"\nname = "B"\nbadge_class = "class-{key}"\n{body}\n'


# A criterion below a badge with an org unit, and its faults, each after `badge[1] level-1 . criterion[1]`.
CRITERIA: list[tuple[str, list[str]]] = [
    ("folder = 1", [f"kind: is missing ({READABLE})"]),
    ("kind = 'quizz'\nquiz = 1", ["kind: 'quizz' is not known (did you mean 'quiz'?)"]),
    ("kind = 'content'\ntopic = 1", [f"kind: 'content' is not available in this version ({READABLE})"]),
    ("kind = 'discussion'\nforum = 1", [f"kind: 'discussion' is not available in this version ({READABLE})"]),
    # ids
    ("kind = 'submission'", [f"folder: is missing ({NO_FOLDER})"]),
    ("kind = 'grade'\nmin_points = 1", ["grade_object: is missing (the id that Brightspace gave the grade object)"]),
    ("kind = 'quiz'\nmin_percent = 1", ["quiz: is missing (the id that Brightspace gave the quiz)"]),
    ("kind = 'submission'\nfolder = '1'", ["folder: is text (a whole number above 0, without quotes)"]),
    ("kind = 'submission'\nfolder = true", ["folder: is true or false (a whole number above 0, without quotes)"]),
    ("kind = 'submission'\nfolder = 0", ["folder: is no id (a whole number above 0, without quotes)"]),
    (
        "kind = 'submission'\nfolder = 1\norg_unit = 1.5",
        ["org_unit: is a number with a point (a whole number above 0, without quotes)"],
    ),
    # minimums
    ("kind = 'quiz'\nquiz = 1", ["min_percent: is missing (a number such as 80)"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = 0", [f"min_percent: 0 is out of range ({PER_CENT})"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = 100.01", [f"min_percent: 100.01 is out of range ({PER_CENT})"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = nan", [f"min_percent: NaN is out of range ({PER_CENT})"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = '80'", [f"min_percent: is text ({PER_CENT}, without quotes)"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = true", [f"min_percent: is true or false ({PER_CENT}, without quotes)"]),
    ("kind = 'quiz'\nquiz = 1\nmin_percent = 1\nmax_points = 0", ["max_points: 0 is out of range (a number above 0)"]),
    (
        "kind = 'quiz'\nquiz = 1\nmin_percent = 1\nattempt = 'best'",
        ["attempt: 'best' is not known (one of: policy, highest, latest, first, lowest, average)"],
    ),
    ("kind = 'graded_submission'\nfolder = 1\nmin_percent = 101", [f"min_percent: 101 is out of range ({PER_CENT})"]),
    ("kind = 'final_grade'", ["min_percent: is missing (a number such as 80)"]),
    ("kind = 'grade'\ngrade_object = 1", ["min_percent: is missing (min_percent or min_points)"]),
    (
        "kind = 'grade'\ngrade_object = 1\nmin_percent = 1\nmin_points = 1",
        ["min_points: stands beside min_percent (exactly one of the two)"],
    ),
    ("kind = 'grade'\ngrade_object = 1\nmin_points = -1", ["min_points: -1 is out of range (a number 0 or more)"]),
    (
        "kind = 'grade'\ngrade_object = 1\nmin_points = inf",
        ["min_points: Infinity is out of range (a number 0 or more)"],
    ),
    ("kind = 'grade'\ngrade_object = 1\nmin_points = 1e12", ["min_points: 1E+12 is out of range (a number 0 or more)"]),
    (
        "kind = 'grade'\ngrade_object = 1\nmin_points = 1e-9999999999999999999",
        ["min_points: NaN is out of range (a number 0 or more)"],
    ),
    # what every kind has
    ("kind = 'submission'\nfolder = 1\nkey = ''", ["key: is empty (a key, or no such line)"]),
    ("kind = 'submission'\nfolder = 1\nby = 'group'", ["by: 'group' is not known (one of: team)"]),
    ("kind = 'submission'\nfolder = 1\nrequired = 'no'", ["required: is text (true or false, without quotes)"]),
    ("kind = 'submission'\nfolder = 1\nfoldr = 2", ["foldr: is not known here (did you mean 'folder'?)"]),
    ("kind = 'submission'\nfolder = 1\nmin_percent = 2", [f"min_percent: is not known here ({KNOWN})"]),
    ("kind = 'attested'\noptions = 'a'", ["options: is text (a list of texts in quotes, in [ ])"]),
    # nested ones
    ("kind = 'any'", [f"of: is missing ({OF})"]),
    ("kind = 'all'\nof = []", [f"of: is missing ({OF})"]),
    ("kind = 'any'\nof = 'x'", ["of: is text (tables: [[of]] or [{ … }])"]),
    ("kind = 'any'\nof = ['x']", ["of: holds text (tables: [[of]] or [{ … }])"]),
    ("kind = 'any'\nof = [{ kind = 'submission' }]", [f"of[1] . folder: is missing ({NO_FOLDER})"]),
    (
        "kind = 'any'\nof = [{ kind = 'submision', folder = 1 }]",
        ["of[1] . kind: 'submision' is not known (did you mean 'submission'?)"],
    ),
    (
        "kind = 'all'\nof = [{ kind = 'all', of = [{ kind = 'submission', foldr = 1 }] }]",
        [f"of[1] . of[1] . folder: is missing ({NO_FOLDER})", "of[1] . of[1] . foldr: is not known here"],
    ),
    (
        "kind = 'any'\ncount = 1\nof = [{ kind = 'attested' }]",
        ["count: is not known here (known: by, key, kind, name, of, org_unit, required)"],
    ),
    (
        "kind = 'at_least'\nof = [{ kind = 'attested' }]",
        ["count: is missing (how many of the nested criteria: a whole number from 1 to 1)"],
    ),
    (
        "kind = 'at_least'\ncount = 0\nof = [{ kind = 'attested' }]",
        ["count: 0 is out of range (a whole number from 1 to 1)"],
    ),
    (
        "kind = 'at_least'\ncount = 2\nof = [{ kind = 'attested' }, { kind = 'attested', required = false }]",
        ["count: 2 is out of range (a whole number from 1 to 1)"],
    ),
    (
        "kind = 'any'\nof = [{ kind = 'attested', required = false }]",
        ["of: has only criteria with required = false, so nothing decides (one that is required)"],
    ),
]


@pytest.mark.parametrize(("criterion", "faults"), CRITERIA, ids=lambda part: str(part)[:60])
def test_a_faulty_criterion_is_told(tmp_path, criterion, faults):
    found = rule_faults(tmp_path, f"{HEAD}{LEVEL_1}[[badge.criterion]]\n{criterion}\n")

    assert len(found) == len(faults)
    for one, fault in zip(found, faults, strict=True):
        assert one.startswith(f"a.toml: badge[1] level-1 . criterion[1] . {fault}")


# A whole rule file, and its faults, each after the file's name.
FILES: dict[str, tuple[str, list[str]]] = {
    "no key and no name": (
        PATHWAY.replace(HEAD, ""),
        ['key: is missing (one word in quotes, such as "level-1")', "name: is missing (text in quotes)"],
    ),
    "no badge": (HEAD, ["badge: is missing (at least one [[badge]])"]),
    "badges that are none": (HEAD + "badge = [1]", ["badge: holds a whole number (tables: [[badge]] or [{ … }])"]),
    "a badge as one table": (
        PATHWAY.replace("[[badge]]", "[badge]"),
        ["badge: is a table (tables: [[badge]] or [{ … }])"],
    ),
    "a page that is no address": ('page = "www"\n' + PATHWAY, [f"page: is no web address ({HOST})"]),
    "an unknown key": ("nmae = 'x'\n" + PATHWAY, ["nmae: is not known here (did you mean 'name'?)"]),
    "a badge without anything": (
        HEAD + "[[badge]]\nrequires = ['x']\n",
        [
            'badge[1].key: is missing (one word in quotes, such as "level-1")',
            "badge[1].name: is missing (text in quotes)",
            "badge[1].badge_class: is missing (its id on the badging platform, in quotes)",
            "badge[1].requires: there is no badge 'x' in this pathway (another badge of the same pathway)",
        ],
    ),
    "an unknown key of a badge": (
        PATHWAY.replace("org_unit", "aproval = true\norg_unit"),
        ["badge[1] level-1 . aproval: is not known here (did you mean 'approval'?)"],
    ),
    "keys that no command line takes": (
        HEAD + badge("a b", "team = true") + badge("a/b", "team = true"),
        [
            "badge[1] a b . key: 'a b' has a space or a slash in it (one word, such as \"level-1\")",
            "badge[2] a/b . key: 'a/b' has a space or a slash in it (one word, such as \"level-1\")",
        ],
    ),
    "a badge twice": (
        HEAD + badge("a", "team = true") + badge("a", "team = true").replace("class-a", "class-b"),
        ["badge[2] a . key: 'a' stands twice in this pathway (another one than at a.toml: badge[1] a . key)"],
    ),
    "a badge class twice": (
        HEAD + badge("a", "team = true") + badge("b", "team = true").replace("class-b", "class-a"),
        [
            (
                "badge[2] b . badge_class: 'class-a' stands twice among all badges"
                " (another one than at a.toml: badge[1] a . badge_class)"
            )
        ],
    ),
    "an unknown prerequisite": (
        HEAD + badge("level-1", "team = true") + badge("b", "requires = ['levl-1']"),
        ["badge[2] b . requires: there is no badge 'levl-1' in this pathway (did you mean 'level-1'?)"],
    ),
    "a badge that requires itself": (
        HEAD + badge("a", "requires = ['a']"),
        ["badge[1] a . requires: 'a' requires itself (other badges of this pathway)"],
    ),
    "a ring, beside a badge that leads into it": (
        HEAD
        + badge("d", "requires = ['a']")
        + badge("a", "requires = ['b']")
        + badge("b", "requires = ['c']")
        + badge("c", "requires = ['a']"),
        ["badge[2] a . requires: badges require each other in a ring: a → b → c → a (no way back to the start)"],
    ),
    "a badge for nothing": (
        HEAD + badge("a"),
        ["badge[1] a: asks for nothing (criteria, or requires = [other badges])"],
    ),
    "a badge that nothing decides": (
        PATHWAY + "required = false\n",
        ["badge[1] level-1: has only criteria with required = false, so nothing decides (one that is required)"],
    ),
    "access to nowhere": (
        HEAD + badge("a", "team = true\nenrol = true"),
        ["badge[1] a . enrol: gives access to no org unit (org_unit or [[badge.offering]] in this badge)"],
    ),
    "another awarder": (
        PATHWAY.replace("org_unit", "awarded_by = 'us'\norg_unit"),
        ["badge[1] level-1 . awarded_by: 'us' is not known (one of: platform)"],
    ),
    "a criterion without org unit": (
        PATHWAY.replace("org_unit = 6601\n", ""),
        ["badge[1] level-1 . criterion[1] . org_unit: is missing, here and in the badge (the id of the course)"],
    ),
    "a criterion twice, nested ones too": (
        PATHWAY + "key = 'a'\n[[badge.criterion]]\nkind = 'any'\nof = [{ key = 'a', kind = 'attested' }]\n",
        [
            (
                "badge[1] level-1 . criterion[2] . of a . key: 'a' stands twice in this badge"
                " (another key than at a.toml: badge[1] level-1 . criterion a . key)"
            )
        ],
    ),
    "groups without ids": (
        PATHWAY + "[teams]\nsource = 'groups'\n",
        [
            "teams.org_unit: is missing (source = 'groups' needs org_unit and group_category)",
            "teams.group_category: is missing (source = 'groups' needs org_unit and group_category)",
        ],
    ),
    "a roster with ids": (
        PATHWAY + "[teams]\norg_unit = 1\ngroup_category = 2\n",
        [
            "teams.org_unit: means nothing for the roster (source = 'groups', or no such line)",
            "teams.group_category: means nothing for the roster (source = 'groups', or no such line)",
        ],
    ),
    "an unknown source of teams": (
        PATHWAY + "[teams]\nsource = 'crm'\norg_unt = 1\n",
        [
            "teams.source: 'crm' is not known (one of: roster, groups)",
            "teams.org_unt: is not known here (did you mean 'org_unit'?)",
        ],
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_a_faulty_rule_file_is_told(tmp_path, what):
    text, faults = FILES[what]

    assert rule_faults(tmp_path, text) == [f"a.toml: {fault}" for fault in faults]


REFLECTION = "[[badge.criterion]]\nkey = 'reflection'\nkind = 'submission'\n"
OWN = f"{REFLECTION}folder = 1\n"
GIVES = "(reflection = { folder = … }, or folder in the criterion itself)"
# Offerings of a badge, its criteria, and the faults, each after `badge[1] a . `.
OFFERINGS: dict[str, tuple[str, list[str]]] = {
    "beside an org unit": (
        f"org_unit = 2\n[[badge.offering]]\norg_unit = 1\n{OWN}",
        ["org_unit: stands beside offerings (either org_unit or [[badge.offering]])"],
    ),
    "without org unit": (
        f"[[badge.offering]]\n{OWN}",
        ["offering[1] . org_unit: is missing (the id of the course)"],
    ),
    "one org unit twice": (
        f"[[badge.offering]]\norg_unit = 1\n[[badge.offering]]\norg_unit = 1\n{OWN}",
        ["offering[2] . org_unit: has an offering already (each org unit once in a badge)"],
    ),
    "a text for a day": (
        f"[[badge.offering]]\norg_unit = 1\nuntil = '2026-12-31'\n{OWN}",
        ["offering[1] . until: is text (a day without quotes, such as 2026-12-31)"],
    ),
    "a moment for a day": (
        f"[[badge.offering]]\norg_unit = 1\nuntil = 2026-12-31T12:00:00Z\n{OWN}",
        ["offering[1] . until: is a date with a time (a day without quotes, such as 2026-12-31)"],
    ),
    "an unknown criterion": (
        f"[[badge.offering]]\norg_unit = 1\nreflecton = {{ folder = 2 }}\n{OWN}",
        ["offering[1] . reflecton: is not known here (did you mean 'reflection'?)"],
    ),
    "no id anywhere": (
        f"[[badge.offering]]\norg_unit = 1\n{REFLECTION}",
        [f"offering[1]: gives no folder for criterion 'reflection' {GIVES}"],
    ),
    "no id in one of two": (
        (
            "[[badge.offering]]\norg_unit = 1\nreflection = { folder = 1 }\n"
            f"[[badge.offering]]\norg_unit = 2\nreflection = {{}}\n{REFLECTION}"
        ),
        [f"offering[2] . reflection: gives no folder {GIVES}"],
    ),
    "another kind's id": (
        f"[[badge.offering]]\norg_unit = 1\nreflection = {{ quiz = 1 }}\n{OWN}",
        ["offering[1] . reflection . quiz: is not known here (known: folder)"],
    ),
    "no table of ids": (
        f"[[badge.offering]]\norg_unit = 1\nreflection = 33101\n{OWN}",
        ["offering[1] . reflection: is a whole number (a table: [reflection] or { … })"],
    ),
    "ids of what has none": (
        (
            "[[badge.offering]]\norg_unit = 1\nb = { x = 1 }\nc = {}\n[[badge.criterion]]\nkey = 'c'\nkind = 'any'\n"
            "of = [{ key = 'b', kind = 'attested' }]\n"
        ),
        [
            "offering[1] . b: a criterion of kind 'attested' has no ids (no such line)",
            "offering[1] . c: a criterion of kind 'any' has no ids (no such line)",
        ],
    ),
    "a criterion named like the offering's own keys": (
        f"[[badge.offering]]\norg_unit = 1\n{OWN.replace('reflection', 'until')}",
        ["criterion until . key: 'until' means something else in an offering (another key)"],
    ),
    "ids of a criterion of unknown kind": (
        f"[[badge.offering]]\norg_unit = 1\nreflection = {{ foldr = 1 }}\n{OWN.replace('submission', 'submision')}",
        ["criterion reflection . kind: 'submision' is not known (did you mean 'submission'?)"],
    ),
}


@pytest.mark.parametrize("what", OFFERINGS)
def test_a_faulty_offering_is_told(tmp_path, what):
    body, faults = OFFERINGS[what]

    assert rule_faults(tmp_path, HEAD + badge("a", body)) == [f"a.toml: badge[1] a . {fault}" for fault in faults]


def test_keys_and_badge_classes_are_compared_over_all_files(tmp_path):
    assert rule_faults(tmp_path, PATHWAY, PATHWAY.replace("level-1", "level-2")) == [
        "b.toml: key: 'mcd' stands twice among the pathways (another one than at a.toml: key)",
        (
            "b.toml: badge[1] level-2 . badge_class: 'class-1' stands twice among all badges"
            " (another one than at a.toml: badge[1] level-1 . badge_class)"
        ),
    ]


def test_a_prerequisite_stands_in_the_same_file(tmp_path):
    other = 'key = "x"\nname = "x"\n' + badge("b", "requires = ['level-1']")

    assert rule_faults(tmp_path, PATHWAY, other) == [
        "b.toml: badge[1] b . requires: there is no badge 'level-1' in this pathway (another badge of the same pathway)"
    ]


def test_a_file_that_is_no_toml_hides_no_fault_of_the_next(tmp_path):
    found = rule_faults(tmp_path, "key = ", PATHWAY + "x = 1\n")

    assert [fault.split(" (")[0] for fault in found] == [
        "a.toml: is not TOML: Invalid value",
        "b.toml: badge[1] level-1 . criterion[1] . x: is not known here",
    ]

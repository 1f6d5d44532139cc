"""The rules of the sandbox's pathway, as a commented file of d2l-sync."""

from d2l_sync.sandbox.seed import pathway as at

_TEXT = """\
key = "{at.KEY}"
name = "{at.NAME}"
contact = "ums.mc@example.edu"

[teams]
source = "roster"                 # roster.csv, kept by administrators

[[badge]]
key = "level-1"
name = "{at.NAME} Level 1"
badge_class = "{classes[level-1]}"
org_unit = {at.LEVEL_1}

  [[badge.criterion]]
  key = "reflection"
  name = "Complete a brief reflection"
  kind = "submission"
  folder = {at.REFLECTION_1}

  [[badge.criterion]]
  key = "quiz"
  name = "Score 80% or higher on the terms and definitions quiz"
  kind = "quiz"
  quiz = {at.QUIZ}
  min_percent = 80

  [[badge.criterion]]
  key = "videos"
  name = "Watch the four videos"
  kind = "grade"
  grade_object = {at.VIDEOS_GRADE}
  min_percent = 100
  required = false                # shown and counted, never decides

[[badge]]
key = "level-2"
name = "{at.NAME} Level 2"
badge_class = "{classes[level-2]}"
requires = ["level-1"]
team = true                       # on a confirmed development team
enrol = true                      # who is eligible is given access
org_unit = {at.LEVEL_2}

  [[badge.criterion]]
  key = "starter"
  name = "Micro-Credential Starter"
  kind = "submission"
  folder = {at.STARTER}

  [[badge.criterion]]
  key = "meta-data"
  name = "Team draft of the meta-data template"
  kind = "submission"             # a group folder: handed in once for the group
  folder = {at.DRAFT}

  [[badge.criterion]]
  key = "collaboration"
  name = "Verification of collaboration"
  kind = "submission"
  folder = {at.COLLABORATION}
  by = "team"                     # an individual folder: one member hands in for all

  [[badge.criterion]]
  key = "worksheet"
  name = "Worksheet, marked 50% or higher"
  kind = "graded_submission"
  folder = {at.WORKSHEET}
  min_percent = 50
  required = false

[[badge]]
key = "level-3"
name = "{at.NAME} Level 3"
badge_class = "{classes[level-3]}"
requires = ["level-1", "level-2"]
team = true
enrol = true
org_unit = {at.LEVEL_3}

  [[badge.criterion]]
  key = "communication-plan"
  name = "Communication plan"
  kind = "submission"
  folder = {at.COMMUNICATION}
  by = "team"

  [[badge.criterion]]
  key = "website"
  name = "Contribution to the campus or organization website"
  kind = "submission"
  folder = {at.WEBSITE}
  by = "team"

  [[badge.criterion]]
  key = "infographic"
  name = "Marketing infographic"
  kind = "submission"
  folder = {at.INFOGRAPHIC}
  by = "team"

  [[badge.criterion]]
  key = "reflection"
  name = "Complete a reflection"
  kind = "submission"
  folder = {at.REFLECTION_3}

[[badge]]
key = "{at.MACRO}"
name = "{at.NAME}"
badge_class = "{classes[micro-credential]}"
requires = ["level-1", "level-2", "level-3"]
approval = true                   # an administrator approves each award
"""

PATHWAY = _TEXT.format(at=at, classes=at.BADGE_CLASSES)

"""A fault is found in the file by its line, as far as one can be told without a second parser."""

import pytest

from d2l_sync.configuration.lines import line_index, line_of

TEXT = '''\
key = "a"
note = """
key = "no key"
[no.table]
"""
[one]
b.c = 1
"d e" = 2
[[list]]
x = 1
  [[list.inner]]
  y = 1
  [[list.inner]]
  y = 2
[[ list ]]
x = [
  { z = 1 },
]
  [list.table]
  [[list.inner]]
  y = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("key",), 1),
        (("note",), 2),
        (("one",), 6),
        (("one", "b", "c"), 7),
        (("one", "d e"), 8),
        (("list", 0), 9),
        (("list", 0, "x"), 10),
        (("list", 0, "inner", 0), 11),
        (("list", 0, "inner", 1, "y"), 14),
        (("list", 1), 15),
        (("list", 1, "table"), 19),
        (("list", 1, "inner", 0, "y"), 21),
    ],
    ids=str,
)
def test_each_key_and_table_has_its_line(path, line):
    assert line_index(TEXT)[path] == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("list", 1, "x", 0, "z"), 16, id="inside an inline table"),
        pytest.param(("list", 0, "missing"), 9, id="missing in a table"),
        pytest.param(("missing",), None, id="missing at the top"),
    ],
)
def test_what_has_no_line_of_its_own_has_that_of_what_is_around(path, line):
    assert line_of(line_index(TEXT), path) == line


def test_text_that_only_looks_like_tables_is_left_out():
    assert ("no", "table") not in line_index(TEXT)

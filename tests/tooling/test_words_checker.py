"""Vocabulary checker: each rule detects its planted fault, and clean code passes."""

import subprocess
from pathlib import Path

import pytest

from tools.words.__main__ import (
    FOLDERS,
    HINT,
    check,
    check_repository,
    format_report,
    read_sources,
)
from tools.words.glossary import check_glossary, parse_glossary
from tools.words.idiom import ALLOWANCES, IDIOMS, TEST_OPENINGS, Scope
from tools.words.names import Kind, Name, read_paths, read_python, split_words
from tools.words.rules import check_names, check_source

CLEAN = '''
"""Cross-process write lock for SQLite, with a timeout."""

from contextlib import ExitStack as Stack

MAX_WAIT = 5.0
"""Limit of a wait, in seconds."""


class TeamNotFound(Exception):
    """Team that is not in the organization."""


def count_lines(path, *, timeout):
    """Count the lines of a text."""
    total = 0
    for line in path.open():
        total += len(line) > timeout
    return session.execute(query).one()
'''

GLOSSARY = """
# Glossary

## Asking

| word | meaning |
|---|---|
| wave | One round. |
| **poll book** | The list of electors. |

## Ballots

| word | meaning |
| --- | --- |
| tier (coarse, fine) | Size of the group that a figure is of. |
| roll up, category | Nearest released group. |
"""


def hits(text, path="service/some.py"):
    return [hit.text for hit in check_source(read_python(path, text))]


def conflicts(glossary, names=(), wire=""):
    return check_glossary(parse_glossary(glossary), names, wire)


def class_of(path, name):
    return Name(path, 1, name, Kind.CLASS)


def glossary_of(*words):
    return "\n".join(["| word | meaning |", *(f"| {word} | Some. |" for word in words)])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("snake_case", ("snake", "case")),
        ("CamelCase", ("camel", "case")),
        ("HTTPServer", ("http", "server")),
        ("_MAX_BYTES2", ("max", "bytes")),
        ("OpenAPI", ("open", "api")),
    ],
)
def test_names_are_split_into_words(name, words):
    assert split_words(name) == words


def test_clean_code_passes():
    assert hits(CLEAN) == []


@pytest.mark.parametrize(
    "code",
    [
        "def told_x(): pass",
        "async def told_x(): pass",
        "class ToldX: pass",
        "def f(told_x): pass",
        "def f(*told_x): pass",
        "def f(*, told_x): pass",
        "def f(**told_x): pass",
        "lambda told_x: 1",
        "told_x = 1",
        "told_x: int = 1",
        "told_x += 1",
        "a, (b, *told_x) = c",
        "class C:\n    told_x: int",
        "self.told_x = 1",
        "cls.told_x = 1",
        "for told_x in c: pass",
        "[1 for told_x in c]",
        "with a as told_x: pass",
        "try: pass\nexcept E as told_x: pass",
        "f(told_x := 1)",
        "import a as told_x",
        "from a import b as told_x",
        "match a:\n    case told_x: pass",
        "match a:\n    case [*told_x]: pass",
        "match a:\n    case {**told_x}: pass",
        "match a:\n    case int() as told_x: pass",
    ],
)
def test_binding_of_every_form_is_checked(code):
    assert [hit.lower().replace("_", "") for hit in hits(code)] == ["toldx"]


@pytest.mark.parametrize(
    "code",
    [
        "query.one()",
        "told_x(house)",
        "from a import told_x",
        "library.found = 1",
        "f(one=1)",
        "if a.told_x: pass",
    ],
)
def test_name_bound_elsewhere_is_not_checked(code):
    assert hits(code) == []


def planted_name(row, form):
    """A name of the kind that a row refuses."""
    match row.scope:
        case Scope.WORD:
            return Name("a.py", 1, f"first_{form}_last", Kind.VALUE)
        case Scope.FIRST_WORD:
            return Name("a.py", 1, f"_{form}_last", Kind.VALUE)
        case Scope.CONSTANT:
            return Name("a.py", 1, f"{form}_LAST".upper(), Kind.VALUE)
        case Scope.NAME:
            return Name("a.py", 1, form, Kind.VALUE)
        case Scope.CLASS:
            return Name("a.py", 1, form.title().replace("_", ""), Kind.CLASS)
        case Scope.MODULE:
            return Name(f"{form}.py", 1, form, Kind.MODULE)


@pytest.mark.parametrize(
    ("row", "form"), [(row, form) for row in IDIOMS for form in row.forms.split()]
)
def test_table_row_detects_its_planted_name(row, form):
    name = planted_name(row, form)
    (hit,) = check_names([name])
    assert f"{form}: {row.term}" in hit.term
    assert hit.text == name.text


def test_table_names_each_word_once_a_scope():
    rows = [(row.scope, form) for row in IDIOMS for form in row.forms.split()]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    "name",
    [
        "next_one",
        "one_sided",
        "longest",
        "longest_word",
        "almost",
        "at_most",
        "frozen",
        "known",
        "foundation",
        "background",
        "LINE",
    ],
)
def test_word_outside_its_scope_passes(name):
    assert not list(check_names([Name("a.py", 1, name, Kind.VALUE)]))


@pytest.mark.parametrize("name", ["one", "_one", "found_teams", "found", "MOST"])
def test_whole_names_and_their_words_are_refused(name):
    assert len(list(check_names([Name("a.py", 1, name, Kind.VALUE)]))) == 1


@pytest.mark.parametrize("allowance", ALLOWANCES)
def test_allowance_is_needed_and_holds_for_its_phrase_alone(allowance):
    words = split_words(allowance.phrase)
    refused = {form for row in IDIOMS for form in row.forms.split()} & set(words)
    assert refused
    assert allowance.reason
    phrase = Name("a.py", 1, f"TEAM_{allowance.phrase.upper()}", Kind.VALUE)
    assert not list(check_names([phrase]))
    for word in refused:
        assert list(check_names([Name("a.py", 1, f"team_{word}", Kind.VALUE)]))


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("test_nobody_reads_it", True),
        ("test_the_phone_is_told", True),
        ("test_what_was_said", True),
        ("test_somebody_else", True),
        ("test_a_planted_fault_is_found", True),
        ("test_mistakes_are_listed", True),
        ("test_team_is_not_found", False),
        ("test_one", False),
    ],
)
def test_test_name_is_checked_as_a_sentence(name, refused):
    assert bool(hits(f"def {name}(): pass")) is refused
    assert bool(list(check_names(read_paths([f"{name}.py"])))) is refused


@pytest.mark.parametrize("code", ["", "a17_"])
@pytest.mark.parametrize("opening", TEST_OPENINGS)
def test_opening_of_a_test_name_is_refused(opening, code):
    name = f"test_{code}{opening.replace(' ', '_')}_is_kept"
    (hit,) = check_names([Name("a.py", 1, name, Kind.TEST)])
    assert f"begins with {opening!r}" in hit.term
    assert list(check_names(read_paths([f"{name}.py"])))


@pytest.mark.parametrize("name", ["test_items_are_kept", "test_a_team_that_it_names"])
def test_noun_at_the_opening_of_a_test_name_passes(name):
    assert not list(check_names([Name("a.py", 1, name, Kind.TEST)]))


def test_module_and_folder_names_are_checked_once():
    paths = ["service/house/a.py", "service/house/b.py", "service/line.py", "a/one.py"]
    reported = [(hit.path, hit.text) for hit in check_names(read_paths(paths))]
    assert sorted(reported) == [
        ("a/one.py", "one"),
        ("service/house", "house"),
        ("service/line.py", "line"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("What a device keeps.", "begins with 'what'"),
        ("Of which kind it is.", "begins with 'of which'"),
        ("Where it listens.", "begins with 'where'"),
        ("Who may read.", "begins with 'who'"),
        ("Whoever asks.", "whoever: "),
        ("Nobody reads this.", "nobody: "),
        ("Token of somebody else.", "somebody: "),
        ("Nobody's token.", "nobody: "),
        ("Reply that was told.", "told: "),
        ("Text that was said.", "said: "),
        ("State as it stands.", "stands: "),
        ("Dependencies of the house.", "house: "),
        ("Number beside another.", "beside: "),
        ("Service with patience.", "patience: "),
        ("Wish of the service.", "wish: "),
        ("Fate of an item.", "fate: "),
        ("Lock that gives up.", "gives_up: "),
        ("Teams that were found.", "found: "),
        ("Steps in turn.", "in_turn: "),
    ],
)
@pytest.mark.parametrize(
    "code",
    ['"""{}"""', 'class C:\n    """{}"""', 'def f():\n    """{}\n\n    More."""'],
)
def test_docstring_rule_detects_its_planted_line(code, line, reason):
    (hit,) = check_source(read_python("a.py", code.format(line)))
    assert hit.text == f'"{line}"'
    assert reason in hit.term


def test_attribute_docstring_is_checked_and_a_plain_string_is_not():
    text = '"""Limits."""\n\nMAX = 1\n"""What is allowed."""\n"""Who reads this?"""\n'
    assert hits(text) == ['"What is allowed."']


@pytest.mark.parametrize(
    "line",
    [
        "Whether a wave is open.",
        "Letter that stands for a word.",
        "Reader of ``told``, the first line.",
        "Several objects, one by one; team not found.",
        "Copy.\n\n    What follows is not the first line: nobody and told.",
    ],
)
def test_plain_docstring_passes(line):
    assert hits(f'def f():\n    """{line}"""') == []


def test_glossary_tables_are_parsed_under_all_headings():
    terms = [(term.line, term.text) for term in parse_glossary(GLOSSARY)]
    assert terms == [
        (8, "wave"),
        (9, "poll book"),
        (15, "tier"),
        (16, "roll up"),
        (16, "category"),
    ]


def test_glossary_word_in_the_code_or_the_wire_passes():
    names = [
        Name("service/a.py", 1, "list_waves", Kind.VALUE),
        Name("service/pollbook/a.py", 1, "pollbook", Kind.MODULE),
        Name("client-sdk/src/a.py", 1, "Categories", Kind.CLASS),
    ]
    assert conflicts(GLOSSARY, names, '{"tiers": {"kind": "roll_up"}}') == []


def test_glossary_word_without_a_use_is_stale():
    names = [
        Name("service/a.py", 1, "wavelength", Kind.VALUE),
        Name("tests/a.py", 1, "wave", Kind.VALUE),
    ]
    (conflict,) = conflicts(glossary_of("wave"), names)
    assert conflict == "wave: no name of the code or the wire uses it"


def test_glossary_word_defined_twice_is_refused():
    (conflict,) = conflicts(glossary_of("wave", "team", "*Wave*"), wire="wave team")
    assert conflict == "wave: defined 2 times, lines 2, 4"


@pytest.mark.parametrize(
    "paths",
    [
        ("service/a.py", "service/b.py"),
        ("service/a.py", "schemas/b.py"),
        ("client-sdk/src/a.py", "client-sdk/src/b.py"),
    ],
)
def test_glossary_word_names_one_class_of_a_program(paths):
    (conflict,) = conflicts(
        glossary_of("poll book"), [class_of(path, "PollBook") for path in paths]
    )
    assert conflict.startswith("PollBook: 2 classes of ")
    assert all(f"{path}:1" in conflict for path in paths)


@pytest.mark.parametrize(
    "classes",
    [
        [("service/a.py", "Wave"), ("client-sdk/src/a.py", "Wave")],
        [("service/a.py", "Wave"), ("schemas/a.py", "WaveSchema")],
        [("service/a.py", "Wave"), ("service/b.py", "ScoredWave")],
        [("service/a.py", "Wave"), ("tests/a.py", "Wave")],
        [("service/a.py", "Wave"), ("service/a.py", "Range"), ("schemas/a", "Range")],
    ],
)
def test_classes_of_another_form_or_program_pass(classes):
    names = [class_of(path, name) for path, name in classes]
    assert conflicts(glossary_of("wave"), names) == []


def test_this_repository_has_no_hit_and_no_conflict():
    assert check_repository(Path(__file__).parents[2]) == ([], [])


def test_report_ends_with_the_counts():
    sources = {"service/a.py": "told = 1\nteam = 2\n"}
    checked = check(sources, glossary_of("team", "wave"), "")
    stale = "docs/glossary.md: wave: no name of the code or the wire uses it"
    counts = "words: 1 of the old idiom, 1 conflicts"
    assert format_report(*checked, list_hits=False) == [HINT, stale, counts]
    (hit, *rest) = format_report(*checked, list_hits=True)
    assert hit.startswith("service/a.py:1: told -> told: ")
    assert rest == [stale, counts]


def test_report_of_clean_code():
    sources = {"service/pollbook/a.py": CLEAN}
    clean = check(sources, glossary_of("timeout", "poll book"), "")
    assert format_report(*clean, list_hits=True) == [
        "words: 0 of the old idiom, 0 conflicts"
    ]


def test_sources_are_the_tracked_files_of_known_languages(tmp_path):
    tracked = [f"{folder}/deep/a.py" for folder in FOLDERS]
    for path in [*tracked, "service/a.txt", "docs/a.py", "service/untracked.py"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("a = 1\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = [*tracked, "service/a.txt", "docs/a.py", "service/gone.py"]
    (tmp_path / "service/gone.py").touch()
    subprocess.run(["git", "add", *listed], cwd=tmp_path, check=True)
    (tmp_path / "service/gone.py").unlink()
    assert read_sources(tmp_path) == dict.fromkeys(sorted(tracked), "a = 1\n")

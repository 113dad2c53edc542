"""Minifier of scripts: the same program in fewer bytes, or a refusal."""

import shutil
import subprocess
import sys

import pytest

from rapport_service.web.assets import APP, load_assets, load_worker, read_source
from rapport_service.web.minifier import minify
from rapport_service.web.modules import join_modules
from rapport_service.web.script_tokens import ScriptUnsupportedError, read_tokens


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("a = b + +c", "a=b+ +c"),
        ("a = b - -c", "a=b- -c"),
        ("a = b / c", "a=b/c"),
        ("return x", "return x"),
        ('say("a  b // c")', 'say("a  b // c")'),
        ("say(`a  ${ b }  c`)", "say(`a  ${ b }  c`)"),
        ("x.replace(/ (?=[/ ]) '/g, 1)", "x.replace(/ (?=[/ ]) '/g,1)"),
        ("var a = 1 // one\nvar b", "var a=1\nvar b"),
        ("a /* one\ntwo */ b", "a\nb"),
        ("f(\n  a,\n  b,\n)", "f(a,b)"),
        ("x = () =>\n  g", "x=()=>g"),
        ("a\n  ? b\n  : c", "a?b:c"),
        ("a &&\n  b", "a&&b"),
        ("a = /b/\nc", "a=/b/\nc"),
        ("a\n++b", "a\n++b"),
        ("{ f(); }", "{f()}"),
        ("{ for (;;); }", "{for(;;);}"),
        ("{ while (f()) ; } { g(); }", "{while(f());}{g()}"),
        ("for (a; b;) {}", "for(a;b;){}"),
        (
            "#count = 1; at() { return this.#at + this.#count }",
            "#a=1;at(){return this.#b+this.#a}",
        ),
        (
            "f(`${this.#count}#count`, '#fff', #count in x)",
            "f(`${this.#a}#count`,'#fff',#a in x)",
        ),
    ],
)
def test_white_space_that_means_something_stays(source, short):
    assert minify(source) == f"{short}\n"


@pytest.mark.parametrize(
    ("source", "regexp"),
    [
        ("return /'/;", "/'/"),
        ("{ /[/*]/.test(a) }", "/[/*]/"),
        ("a; /`/g.test(b)", "/`/g"),
        ('if (a) /"/.test(b)', '/"/'),
        ("/x'/.test(a)", "/x'/"),
        ("a = b ? /'/ : c", "/'/"),
        ("typeof /'/", "/'/"),
        (r"f(/\/'/)", r"/\/'/"),
    ],
)
def test_regular_expression_is_no_comment_and_no_string(source, regexp):
    (regexps,) = [each.text for each in read_tokens(source) if each.kind == "regexp"]

    assert regexps == regexp


@pytest.mark.parametrize(
    "source", ["a / b / c", "f(a) / b / c", "a[0] / 2 / b", "a.of / b / c", "2 / a / b"]
)
def test_division_is_no_regular_expression(source):
    assert {each.kind for each in read_tokens(source)} <= {"word", "sign"}


@pytest.mark.parametrize(
    "source",
    [
        "{} / 2",
        "}",
        "{} /'/.test(a)",
        "a++ /b/ c",
        "`a ${`b`} c`",
        "`a ${'}'} c`",
        "a = 'one",
        "`a",
        "f(a",
        "f(a]",
        "x = /a\n/",
    ],
)
def test_script_that_is_not_read_with_certainty_is_refused(source):
    with pytest.raises(ScriptUnsupportedError):
        minify(source)


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("const one = 1; f(one);", "const a=1;f(a);"),
        ("function one() { const two = 2; two(one) }", "function a(){const b=2;b(a)}"),
        ("for (const one of a) { b(one) }", "for(const c of a){b(c)}"),
        ("const one = 1; f(...one, one[one])", "const a=1;f(...a,a[a])"),
        ("class One {} new One()", "class a{}new a()"),
    ],
    ids=["constant", "function", "loop", "spread", "class"],
)
def test_declared_name_is_shortened(source, short):
    assert minify(source) == f"{short}\n"


@pytest.mark.parametrize(
    "source",
    [
        "const name = 1; f(a.name, name)",
        "const name = 1; f({ name })",
        "const name = 1; f({ name: 2 }, name)",
        "const { name } = a; f(name)",
        "const name = 1; f({ name() {} }, name)",
        "class A { name = 1 } const name = 2",
        "class A { static name = 1 } const name = 2",
        "const name = 1; f(`${name}`)",
        "{ const name = 1; f(name) } f(name)",
        "f(function name() {}); f(name)",
        "f =\nclass name {}; f(name)",
        "f(name); for (const name of a) f(name)",
        "(name) => name; { const name = 1 }",
    ],
)
def test_name_stays_where_it_may_mean_something_else(source):
    assert "name" in minify(source)


def test_minified_script_does_the_same(tmp_path):
    source = """
    const limit = 3;
    function* count(limit) { for (let at = 0; at < limit; at += 1) yield at; }
    class Sum { #total = 0; add(value) { this.#total += value; return this; }
      get total() { return this.#total; } }
    { const limit = 5; var inner = limit; }
    const sum = new Sum();
    for (const each of count(limit)) { sum.add(each); }
    const pick = ({ total, limit = 9 }) => [total, limit];
    console.log(pick(sum).join(), inner, limit, `${limit}/${sum.total}`, "limit");
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    outputs = []
    for name, text in (("as-it-is", source), ("minified", minify(source))):
        file = tmp_path / f"{name}.mjs"
        file.write_text(text)
        done = subprocess.run([node, file], capture_output=True, text=True, check=True)
        outputs.append(done.stdout)

    assert outputs == ["3,9 5 3 3/3 limit\n"] * 2


def test_scripts_of_the_app_can_be_read():
    """Browsers run what is served in every other test of the app."""
    joined = join_modules(APP, read_source)
    served = load_assets()["/app/app.js"].data

    assert len(served) < 0.7 * len(joined.encode())
    assert b"/**" not in served + load_worker().data


SERVED = (
    "from rapport_service.web.assets import load_worker;print(load_worker().digest)"
)


def test_every_process_serves_the_same_bytes():
    """Else phones would see another version each time that they ask."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", SERVED],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(digests) == 1

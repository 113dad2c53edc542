"""Joiner of ES modules: the same program in one file."""

import shutil
import subprocess

import pytest

from rapport_service.web.modules import ModuleUnsupportedError, join_modules

MODULES = {
    "main.js": """
/** Prints what the others give. */
import * as bases from "./base.js";
import * as tools from "./deep/tools.js";
import words from "./words.js";
import {
  double as twice,
  LIMIT,
} from "./deep/tools.js";

// The answer.
console.log(twice(LIMIT), bases.base, tools.double(1), words.hello);
console.log(tools.first, tools.second);
""",
    "deep/tools.js": """
import { base } from "../base.js";
import * as bases from "../base.js";
export const LIMIT = bases.base + 1;
export const [first, second] = ["f", "s"];
export function double(n) {
  return n * 2;
}
""",
    "base.js": "export const base = 20;\n",
    "words.js": 'export default {\n  "hello": "a  // b  /* c */",\n};\n',
    "ring.js": 'import { a } from "./round.js";\nexport const b = a;\n',
    "round.js": 'import { b } from "./ring.js";\nexport const a = b;\n',
    "changing.js": "export let count = 0;\n",
    "lazy.js": 'export * from "./base.js";\n',
    "twin.js": 'import { base as other } from "./base.js";\nconst base = other;\n',
}


def test_modules_become_one_program_with_the_same_output(tmp_path):
    file = tmp_path / "joined.mjs"
    file.write_text(join_modules("main.js", MODULES.__getitem__))
    node = shutil.which("node")
    if node is None:
        assert "const tools =" in file.read_text()
        return

    done = subprocess.run([node, file], capture_output=True, text=True, check=True)

    assert done.stdout == "42 20 2 a  // b  /* c */\nf s\n"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("ring.js", "a circle"),
        ("changing.js", "export let"),
        ("lazy.js", "export \\*"),
        ("twin.js", "base.js and twin.js both declare base"),
    ],
)
def test_form_that_cannot_be_joined_is_refused(entry, reason):
    with pytest.raises(ModuleUnsupportedError, match=reason):
        join_modules(entry, MODULES.__getitem__)

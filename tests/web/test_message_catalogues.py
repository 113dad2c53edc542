"""Catalogues of the phone app: no text is missing, and none is left over."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import rapport_service.web
from rapport_service.web.assets import read_source
from rapport_service.web.catalogues import FIRST, share_keys

APP = Path(rapport_service.web.__file__).parent / "static" / "phone"
KEY = re.compile(r'^  "([\w.]+)": (.*),$', re.MULTILINE)
LITERAL = re.compile(r'"([a-z_]+(?:\.[a-z_]+)*)"')
TEMPLATE = re.compile(r"`([a-z_.]+\.)\$\{[^}]*\}([a-z_.]*)`")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def read_catalogue(language):
    text = (APP / "messages" / f"{language}.js").read_text(encoding="utf-8")
    return dict(KEY.findall(text))


ENGLISH, SPANISH = read_catalogue("en"), read_catalogue("es")
SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted(APP.rglob("*.js"))
    if path.parent.name not in {"core", "messages"}
) + (APP / "messages" / "index.js").read_text(encoding="utf-8")


def used_keys(source, known):
    """Keys that the source names, whole or by a pattern of which a part is computed."""
    literals = set(LITERAL.findall(source)) & set(known)
    patterns = {
        re.compile(f"{re.escape(start)}[a-z_]+{re.escape(end)}$")
        for start, end in TEMPLATE.findall(source)
    }
    return literals | {key for key in known if any(p.match(key) for p in patterns)}


def missing_keys(source, known):
    return set(re.findall(r'\bt\("([\w.]+)"', source)) - set(known)


def test_languages_have_the_same_texts():
    assert ENGLISH.keys() == SPANISH.keys()


def test_text_has_the_same_placeholders_in_each_language():
    for key, text in ENGLISH.items():
        names = set(PLACEHOLDER.findall(text))
        assert names == set(PLACEHOLDER.findall(SPANISH[key])), key


@pytest.mark.parametrize("language", ["en", "es"])
def test_bold_parts_are_closed(language):
    for text in read_catalogue(language).values():
        assert text.count("*") % 2 == 0, text


def test_no_text_is_missing():
    assert missing_keys(SOURCE, ENGLISH) == set()


def test_no_text_is_unused():
    assert set(ENGLISH) - used_keys(SOURCE, ENGLISH) == set()


def test_missing_and_unused_texts_are_detected():
    planted = 'h("p", t("home.planted"))'

    assert missing_keys(planted, ENGLISH) == {"home.planted"}
    assert "home.title" not in used_keys(planted, ENGLISH)


def test_texts_are_no_marketing():
    """A text says what is true and what to do next, without praise."""
    for text in [*ENGLISH.values(), *SPANISH.values()]:
        assert "!" not in text, text


def test_catalogue_with_shared_keys_has_the_same_texts(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    path = "messages/es.js"
    (tmp_path / "en.mjs").write_text(read_source(FIRST))
    (tmp_path / "es.mjs").write_text(read_source(path))
    shared = share_keys(read_source(path), read_source(FIRST))
    (tmp_path / "shared.mjs").write_text(shared.replace("en.js", "en.mjs"))
    script = """
    for (const name of ["es", "shared"])
      console.log(JSON.stringify((await import(`./${name}.mjs`)).default));
    """
    (tmp_path / "main.mjs").write_text(script)

    done = subprocess.run(
        [node, "main.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    plain, shared = (json.loads(line) for line in done.stdout.splitlines())
    assert len(plain) == len(SPANISH)
    assert shared == plain


def test_catalogue_without_a_key_cannot_be_shared():
    with pytest.raises(ValueError, match="home"):
        share_keys('  "back": "Atrás",\n', '  "back": "Back",\n  "home": "Home",\n')

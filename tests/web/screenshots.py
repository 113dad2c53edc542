"""Pictures of every screen, in both languages and schemes. Run by ``make screenshots``.

They are written to ``docs/screenshots``. The README and the page for caseworkers show
some of them, and git keeps those alone.
"""

import argparse
import itertools
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.web.pictures import Stage, launch, open_stage, serve_app
from tests.web.scripts import PICTURES, Picture

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SHOWN = {
    "readme-question.png": "question-answered.en.light.png",
    "readme-waiting.png": "became-waiting.en.dark.png",
    **{
        f"caseworker-{number}.{language}.png": f"{name}.{language}.light.png"
        for number, name in enumerate(("code-filled", "question", "became-received"), 1)
        for language in ("en", "es")
    },
}
"""Pictures that pages show, by the name under which git keeps them."""

SIZES = {320: 568, 360: 720, 414: 896, 1280: 800}
"""Heights of screens by width."""


def take_picture(stage: Stage, picture: Picture, path: Path) -> None:
    """Writes one picture, as high as what it shows."""
    page = stage.show(picture)
    width, height = stage.size
    content = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, content)})
    page.screenshot(path=path)


def main() -> int:
    """Takes all pictures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--width", type=int, default=360, choices=SIZES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", help="pictures; all if there are none")
    given = parser.parse_args()
    wanted = [each for each in PICTURES if not given.names or each.name in given.names]
    given.folder.mkdir(parents=True, exist_ok=True)
    size = (given.width, SIZES[given.width])
    count = 0
    with serve_app() as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for language, scheme in itertools.product(("en", "es"), ("light", "dark")):
            with open_stage(
                browser, url, language=language, scheme=scheme, size=size, scale=2
            ) as stage:
                for picture in wanted:
                    name = f"{picture.name}.{language}.{scheme}.png"
                    take_picture(stage, picture, given.folder / name)
                    count += 1
        browser.close()
    for kept, taken in SHOWN.items():
        if (given.folder / taken).exists():
            shutil.copy(given.folder / taken, given.folder / kept)
    sys.stdout.write(f"{count} pictures are in {given.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

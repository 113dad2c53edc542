"""Pictures of every screen, in both languages and schemes. Run by ``make screenshots``.

They are written to ``docs/screenshots``. The README and the page for caseworkers show
some of them, and git keeps those alone.
"""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.web.pictures import launch, serve_app, show_picture
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


def take_picture(
    browser: Browser,
    url: str,
    picture: Picture,
    language: str,
    scheme: str,
    width: int,
    folder: Path,
) -> None:
    """Writes one picture, as high as what it shows."""
    size = (width, SIZES[width])
    with show_picture(
        browser, url, picture, language=language, scheme=scheme, size=size
    ) as page:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(size[1], height)})
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{picture.name}.{language}.{scheme}.png")


def main() -> int:
    """Takes all pictures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--width", type=int, default=360, choices=SIZES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", help="pictures; all if there are none")
    given = parser.parse_args()
    count = 0
    with serve_app() as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in PICTURES:
            if given.names and picture.name not in given.names:
                continue
            for language in ("en", "es"):
                for scheme in ("light", "dark"):
                    take_picture(
                        browser,
                        url,
                        picture,
                        language,
                        scheme,
                        given.width,
                        given.folder,
                    )
                    count += 1
        browser.close()
    for kept, taken in SHOWN.items():
        if (given.folder / taken).exists():
            shutil.copy(given.folder / taken, given.folder / kept)
    sys.stdout.write(f"{count} pictures are in {given.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The dashboard as the decision-maker's browser shows it: French numbers, every chart drawn, no error box.

Needs Debian's chromium; as root the test installs it, otherwise it is skipped with a sentence that says so.
The picture and the text of the page stay under the logs of the test's state folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, sync_playwright

from superset_dashboards import assets

from .running import SLUG, RunningSuperset

NARROW = "\u202f"
WIDTH = 1400
TITLES = [chart.body["slice_name"] for chart in assets.of_kind(assets.load(), "charts").values()]
ALL_DRAWN = """titles => {
    const boxes = [...document.querySelectorAll('[data-test="chart-grid-component"]')];
    return boxes.length === titles.length
        && boxes.every(box => box.querySelector('canvas, table, .ponam-cards'))
        && !document.querySelector('.loading');
}"""


@dataclass
class Seen:
    """What the browser met: the page's text, failed answers, addresses outside Superset, and the picture."""

    text: str = ""
    picture: Path = Path()
    failed: list[str] = field(default_factory=list)
    loaded_elsewhere: list[str] = field(default_factory=list)
    error_boxes: list[str] = field(default_factory=list)
    wider_than_window: int = 0


@pytest.fixture(scope="module")
def chromium() -> str:
    """Path of Debian's chromium, installed when missing and we may."""
    if found := shutil.which("chromium"):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True)
    found = shutil.which("chromium")
    if found is None:
        pytest.skip(
            "NO SCREENSHOT TAKEN: Debian's chromium is missing and could not be installed (apt-get, as root)"
        )
    return found


@pytest.fixture(scope="module")
def seen(superset: RunningSuperset, chromium: str) -> Iterator[Seen]:
    """The whole dashboard, loaded once by the decision-maker."""
    seen = Seen(picture=superset.settings.logs / "dashboard.png")
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        page = browser.new_context(viewport={"width": WIDTH, "height": 1000}, locale="fr-FR").new_page()
        page.on("response", lambda response: _note(response, superset.address, seen))
        _log_in(page, superset)
        page.goto(f"{superset.address}/superset/dashboard/{SLUG}/")
        page.wait_for_selector('[data-test="chart-grid-component"]', timeout=90_000)
        # A window as high as the page: charts further down are drawn only when they come into view.
        height = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
        page.set_viewport_size({"width": WIDTH, "height": height + 100})
        page.wait_for_function(ALL_DRAWN, arg=TITLES, timeout=90_000)
        page.wait_for_timeout(2_000)  # the bars grow into place
        page.screenshot(path=seen.picture)
        seen.text = page.inner_text("body")
        seen.error_boxes = page.locator('[role="alert"], [data-test="error-message"]').all_inner_texts()
        seen.wider_than_window = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        browser.close()
    (superset.settings.logs / "dashboard.txt").write_text(seen.text, encoding="utf-8")
    yield seen


def test_every_chart_is_titled_and_drawn_without_an_error(seen: Seen):
    assert [title for title in TITLES if title not in seen.text] == []
    assert seen.error_boxes == []
    assert seen.failed == []
    assert "Aucun résultat" not in seen.text


@pytest.mark.parametrize(
    "number", [f"901{NARROW}304{NARROW}460", "483,3", "497,7", f"10{NARROW}248", "14,81", "19,73"]
)
def test_numbers_are_french(seen: Seen, number: str):
    assert number in seen.text


@pytest.mark.parametrize(
    "english", ["483.3", "901,304,460", "901 304 460", "No data", "No results", "Unexpected error"]
)
def test_nothing_is_in_english_form(seen: Seen, english: str):
    assert english not in seen.text


def test_statuses_and_sources_are_named(seen: Seen):
    for words in ("Réalisé", "Projeté", "Estimé", "publié le", "BCEAO", "OFII", "TOKTEN"):
        assert words in seen.text


def test_the_picture_is_of_the_whole_page_and_nothing_overflows(seen: Seen):
    assert seen.picture.stat().st_size > 100_000
    assert seen.wider_than_window <= 0


def test_nothing_is_loaded_from_elsewhere(seen: Seen):
    assert seen.loaded_elsewhere == []


def _log_in(page: Page, superset: RunningSuperset) -> None:
    page.goto(f"{superset.address}/login/")
    page.wait_for_selector("input[type=password]", timeout=60_000)
    fields = page.locator("input:visible")
    fields.nth(0).fill("decideur")
    fields.nth(1).fill(superset.passwords["decideur"])
    with page.expect_navigation(url=f"**/dashboard/{SLUG}/**", timeout=60_000):
        page.keyboard.press("Enter")


def _note(response: Response, address: str, seen: Seen) -> None:
    if not response.url.startswith((address, "data:", "blob:")):
        seen.loaded_elsewhere.append(response.url)
    elif response.status >= 400:
        seen.failed.append(f"{response.status} {response.url}")

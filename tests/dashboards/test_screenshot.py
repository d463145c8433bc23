"""The dashboards as the decision-maker's browser shows and prints them: French numbers, every chart drawn, no
error box, and on A4 no table cut off.

Needs Debian's chromium; as root the test installs it, otherwise it is skipped with a sentence that says so.
The pictures, prints and texts of the pages stay under the logs of the test's state folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pdfplumber
import pypdfium2
import pytest
from playwright.sync_api import Page, Response, sync_playwright

from .running import SLUG, TITLES, RunningSuperset

NARROW = "\u202f"
WIDTH = 1400
A4_ON_ITS_SIDE = (842, 595)  # points
PROVENANCE, TARGETS = "ponam-provenance-et-qualite", "ponam-cibles-et-comparaisons"
ALL_DRAWN = """titles => {
    const boxes = [...document.querySelectorAll('[data-test="chart-grid-component"]')];
    return boxes.length === titles.length
        && boxes.every(box => box.querySelector('canvas, table, .ponam-cards'))
        && !document.querySelector('.loading');
}"""


@dataclass
class Seen:
    """What the browser met: the page's text, failed answers, addresses elsewhere, picture and print."""

    text: str = ""
    picture: Path = Path()
    pdf: Path = Path()
    failed: list[str] = field(default_factory=list)
    loaded_elsewhere: list[str] = field(default_factory=list)
    error_boxes: list[str] = field(default_factory=list)
    wider_than_window: int = 0
    axes: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


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
def seen(superset: RunningSuperset, chromium: str) -> dict[str, Seen]:
    """Each dashboard, whole, loaded once by the decision-maker, by slug."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        context = browser.new_context(viewport={"width": WIDTH, "height": 1000}, locale="fr-FR")
        _log_in(context.new_page(), superset)
        pages = {slug: _look(context.new_page(), superset, slug) for slug in TITLES}
        for slug, page in pages.items():
            page.axes, page.chosen = _choose(
                context.new_page(), f"{superset.address}/superset/dashboard/{slug}/"
            )
        browser.close()
    return pages


def _look(page: Page, superset: RunningSuperset, slug: str) -> Seen:
    logs = superset.settings.logs
    seen = Seen(picture=logs / f"{slug}.png", pdf=logs / f"{slug}.pdf")
    page.on("response", lambda response: _note(response, superset.address, seen))
    page.goto(f"{superset.address}/superset/dashboard/{slug}/")
    page.wait_for_function(ALL_DRAWN, arg=TITLES[slug], timeout=90_000)
    page.pdf(path=seen.pdf, prefer_css_page_size=True, print_background=True)
    height = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
    page.set_viewport_size({"width": WIDTH, "height": height + 100})
    page.wait_for_function(ALL_DRAWN, arg=TITLES[slug], timeout=90_000)
    page.wait_for_timeout(1_500)  # the bars grow into place
    page.screenshot(path=seen.picture)
    seen.text = page.inner_text("body")
    seen.error_boxes = page.locator('[role="alert"], [data-test="error-message"]').all_inner_texts()
    seen.wider_than_window = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.close()
    (logs / f"{slug}.txt").write_text(seen.text, encoding="utf-8")
    return seen


@pytest.mark.parametrize("slug", TITLES)
def test_every_chart_is_titled_and_drawn_without_an_error(seen: dict[str, Seen], slug: str):
    page = seen[slug]
    assert [title for title in TITLES[slug] if title not in page.text] == []
    assert page.error_boxes == []
    assert page.failed == []
    assert "Aucun résultat" not in page.text


@pytest.mark.parametrize("slug", TITLES)
def test_nothing_is_in_english_form(seen: dict[str, Seen], slug: str):
    english = ("483.3", "901,304,460", "901 304 460", "No data", "No results", "Unexpected error", "Loading")
    assert [words for words in english if words in seen[slug].text] == []


@pytest.mark.parametrize("slug", TITLES)
def test_the_picture_is_of_the_whole_page_and_nothing_overflows(seen: dict[str, Seen], slug: str):
    assert seen[slug].picture.stat().st_size > 100_000
    assert seen[slug].wider_than_window <= 0


@pytest.mark.parametrize("slug", TITLES)
def test_nothing_is_loaded_from_elsewhere(seen: dict[str, Seen], slug: str):
    assert seen[slug].loaded_elsewhere == []


@pytest.mark.parametrize("slug", TITLES)
def test_the_dashboards_lead_to_one_another(seen: dict[str, Seen], slug: str):
    names = {SLUG: "Vue d’ensemble", PROVENANCE: "Provenance et qualité", TARGETS: "Cibles et comparaisons"}
    assert [name for other, name in names.items() if other != slug and name not in seen[slug].text] == []


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        (SLUG, [f"901{NARROW}304{NARROW}460", "483,3", "497,7", f"10{NARROW}248", "14,81", "19,73"]),
        (SLUG, ["Réalisé", "Projeté", "Estimé", "publié en", "BCEAO", "OFII", "TOKTEN"]),
        (PROVENANCE, ["497,7", "422,8", "538,0", "−74,9", f"1{NARROW}094{NARROW}400{NARROW}000", "En retard",
                      "Invraisemblable", "vérifications tiennent sur", "publications en retard"]),
        (TARGETS, ["Non calculable", "est trop ancienne pour en tirer une allure", "CC BY 4.0"]),
    ],
)  # fmt: skip
def test_numbers_and_words_are_those_of_the_publications(seen: dict[str, Seen], slug: str, words: list[str]):
    assert [word for word in words if word not in seen[slug].text] == []


@pytest.mark.parametrize(
    ("slug", "last_of_tables"),
    [
        (SLUG, ["PON-8-02"]),
        # The last row of a long table, the last column of a wide one.
        (PROVENANCE, ["S4-41", "moins arrondie", "Attendu"]),
        (TARGETS, ["PON-8-02", "ne s’y ajoute pas."]),
    ],
)
def test_on_a4_paper_no_table_is_cut_off(seen: dict[str, Seen], slug: str, last_of_tables: list[str]):
    with pdfplumber.open(seen[slug].pdf) as document:
        assert {(round(page.width), round(page.height)) for page in document.pages} == {A4_ON_ITS_SIDE}
        first = [char for char in document.pages[0].chars if char["text"].strip()]
    assert min(char["size"] for char in first) > 5.5  # points: still read at arm's length
    assert max(char["x1"] for char in first) < A4_ON_ITS_SIDE[0]
    printed = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(seen[slug].pdf))
    assert [words for words in last_of_tables if words not in " ".join(printed.split())] == []


@pytest.mark.parametrize("slug", TITLES)
def test_axes_are_chosen_from_their_list_in_their_order(seen: dict[str, Seen], slug: str):
    assert seen[slug].axes[0] == "Protection et sécurisation des migrants"
    assert seen[slug].axes[-1] == "Dialogue et positionnement"
    assert seen[slug].chosen == ["Diaspora : capitaux et compétences"]  # not « Diaspora », which is no axis


def test_on_paper_every_hash_is_whole(seen: dict[str, Seen]):
    document = pypdfium2.PdfDocument(seen[PROVENANCE].pdf)
    printed = "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    assert len(re.findall(r"[0-9a-f]{64}", printed)) >= 20  # one per delivery


def _choose(page: Page, address: str) -> tuple[list[str], list[str]]:
    """Type the beginning of an axis into its filter, and Enter: the axes of its list, and what is chosen."""
    page.goto(address)
    box = page.locator("[data-test=NATIVE_FILTER-axe]")
    box.click(timeout=60_000)
    options = box.locator("xpath=..").locator(".ant-select-item-option-content")
    options.first.wait_for()
    axes = options.all_inner_texts()
    page.keyboard.type("Diaspora")
    options.last.filter(has_text="Diaspora").wait_for()
    page.keyboard.press("Enter")
    page.mouse.click(WIDTH / 2, 25)  # where nothing is: the list closes
    page.wait_for_timeout(500)  # the names replace their number
    chosen = box.locator(".ant-select-selection-item").all()
    titles = [item.get_attribute("title") or "" for item in chosen]
    page.close()
    return axes, titles


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

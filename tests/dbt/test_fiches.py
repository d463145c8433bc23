"""The indicator sheets over the bundled publications: what they say, and that they stand alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape
from io import BytesIO
from pathlib import Path

import pdfplumber
import psycopg
import pytest
from markupsafe import escape
from playwright.sync_api import Page, sync_playwright
from psycopg import sql

from dbt_project import catalogue
from infra.errors import InfraError
from infra.fiches import chart, publish, reading
from infra.fiches.content import Catalogue, Sheet, Value
from infra.fiches.pages import Pages
from infra.fiches.printing import Press
from ingestion.french import format_number, format_period, period_bounds
from tests.warehouses import Warehouse

NARROW = "\u202f"
INJECTED = "<script>alert(1)</script> #panic() $x$"


@pytest.fixture(scope="module")
def folder(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as `make docs` writes it, with a stand-in for dbt's own page."""
    docs = tmp_path_factory.mktemp("docs")
    (docs / "static_index.html").write_text("<!doctype html><title>dbt</title>")
    target = docs / "docs"
    publish.publish(built.dsn("ponam_reader"), target, dbt_page=docs / "static_index.html")
    return target


@pytest.fixture(scope="module")
def read(built: Warehouse) -> Catalogue:
    with psycopg.connect(built.dsn("ponam_reader")) as db:
        return reading.read(db)


@pytest.fixture
def edited(built: Warehouse) -> Iterator[psycopg.Connection]:
    """A transaction of the administrator's, who may write what the warehouse says; nothing of it stays."""
    with psycopg.connect(built.server.admin_url()) as db:
        yield db
        db.rollback()


def sheet_of(read: Catalogue, code: str) -> Sheet:
    return next(sheet for sheet in read.sheets if sheet.entry.code == code)


def drawn(sheet: Sheet) -> chart.Picture:
    picture = chart.draw(sheet)
    assert picture is not None
    return picture


def marks(svg: str) -> list[str]:
    """What is said of each point and each bar to who does not see them."""
    return re.findall(r' aria-label="([^"]+)"', unescape(svg))


def texts(svg: str) -> list[str]:
    return re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", unescape(svg))


def page(folder: Path, code: str) -> str:
    return (folder / "fiches" / f"{code}.html").read_text(encoding="utf-8")


def printed(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def test_every_indicator_has_its_page_and_its_print(folder: Path) -> None:
    codes = {indicator.entry.code for indicator in catalogue.indicators()}
    assert len(codes) == 50
    assert {path.stem for path in (folder / "fiches").iterdir()} == codes
    assert {path.stem for path in (folder / "pdf").iterdir()} == codes
    index = (folder / "index.html").read_text(encoding="utf-8")
    for target in re.findall(r'href="([^"]+)"', index):
        assert (folder / target).is_file(), target
    assert {code for code in codes if f'href="fiches/{code}.html"' in index} == codes


def test_a_sheet_says_what_the_catalogue_and_the_marts_say(folder: Path, built: Warehouse) -> None:
    [(sha256,)] = built.connect().execute(
        "select sha256 from meta.deliveries where dataset_code = 'ofii.reintegration_projects'"
    )
    text = page(folder, "PON-3-02")
    entry = next(i.entry for i in catalogue.indicators() if i.entry.code == "PON-3-02")
    for said in (entry.definition_fr, entry.formula_fr, entry.limits_fr, entry.responsible_fr):
        assert str(escape(said)) in text
    assert f"901{NARROW}304{NARROW}460" in text  # the value
    assert f"410{NARROW}702{NARROW}571" in text  # the part of the CTC
    assert sha256[:12] in text and "2017-08-31_projets_de_reinsertion.xlsx" in text
    assert "<code>Projets!D6</code>" in text and "31 août 2017" not in text
    assert "Somme des financeurs" in text and "Concordant" in text


def test_an_indicator_without_a_value_says_why(folder: Path, read: Catalogue) -> None:
    silent = [sheet.entry for sheet in read.sheets if not sheet.values]
    assert silent
    for entry in silent:
        assert str(escape(entry.no_value_reason_fr)) in page(folder, entry.code)


def test_a_baseline_is_told(read: Catalogue) -> None:
    """No indicator has one yet."""
    sheet = sheet_of(read, "PON-4-01")
    baseline = catalogue.Baseline(period="2016-Q1", value=Decimal("1483.30"), source_fr="PONAM")
    facts = replace(sheet, entry=sheet.entry.model_copy(update={"baseline": baseline})).facts
    assert dict(facts)["Valeur de référence"] == f"1{NARROW}483,3 milliards de FCFA (T1 2016), PONAM"


def test_a_false_identity_is_told(folder: Path) -> None:
    text = page(folder, "PON-1-11")
    assert "19,73 = 14,81" in text and "Fausse" in text
    for said in (text, printed((folder / "pdf" / "PON-1-11.pdf").read_bytes())):
        flat = " ".join(said.split())
        assert "Recalculé : 19,73 (Écart dans la même publication)" in flat
        told = re.search(r"1 identité en échec sur \d+ : .*contrôle conforme sur", flat)
        assert told, "what fails comes before the count of what passes"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "Recalculé : 19,73" in index[index.index("fiches/PON-1-11.html") :][:400]


def test_checks_are_those_of_the_last_run(read: Catalogue, edited: psycopg.Connection) -> None:
    """A test that is gone since, or was skipped, said something once: not in the last run."""
    said = """
        insert into meta.check_results (checked_at, checker, check_name, subject, passed, severity, observed,
                                        expected, who_fixes)
        values (%s, 'dbt', 'a_test', 'pon_1_11', false, 'error', 'lignes en défaut : 1', '', 'developer')"""
    edited.execute(said, ["2020-01-01"])
    of_the_last_run = sheet_of(read, "PON-1-11").checks
    assert of_the_last_run and sheet_of(reading.read(edited), "PON-1-11").checks == of_the_last_run
    edited.execute(said, ["now"])
    edited.execute(
        """insert into meta.transform_runs (started_at, succeeded, project_digest, models, checks_passed,
                                            checks_failed) values (now(), false, '', 0, 0, 1)"""
    )
    [check] = sheet_of(reading.read(edited), "PON-1-11").checks
    assert check.observed == "lignes en défaut : 1"
    on_the_dashboard = edited.execute(
        "select observed_fr from marts.rpt_failing_checks where indicator_code = 'PON-1-11'"
    )
    assert on_the_dashboard.fetchall() == [(check.observed,)]


def test_figures_are_printed_as_the_marts_say_them(edited: psycopg.Connection) -> None:
    """Every French text of the marts is marked: what bears no mark in a table was printed by other hands."""
    columns = edited.execute(
        """select table_name, column_name from information_schema.tables
             join information_schema.columns using (table_schema, table_name)
            where table_schema = 'marts' and table_type = 'BASE TABLE' and column_name like '%_fr'"""
    )
    for names in columns.fetchall():
        mark = sql.SQL("update marts.{0} set {1} = 'ǂ' || {1}").format(*map(sql.Identifier, names))
        edited.execute(mark)
    marked = reading.read(edited)
    pages, own = Pages(marked, with_dbt=False), re.compile(r"\d{4}|.* → .*")  # a projected year; editions
    for sheet in marked.sheets:
        text = pages.sheet(sheet, chart.Charts(None, ("",) * len(sheet.projected)))
        figures = re.findall(r'<(?:td|p class="value")[^>]*>([^<]*\d[^<]*)<', text)
        figures += [period for pivot in sheet.pivots for period in pivot.periods_fr]
        assert [said for said in figures if "ǂ" not in said and not own.fullmatch(said)] == []
    assert f"ǂ410{NARROW}702{NARROW}571" in texts(drawn(sheet_of(marked, "PON-3-02")).svg)
    assert {"ǂ2012", "ǂ2025"} <= {*texts(drawn(sheet_of(marked, "PON-4-01")).svg)}


def test_values_side_by_side_keep_the_decimals_that_tell_them_apart(read: Catalogue) -> None:
    sheet = sheet_of(read, "PON-4-01")
    of_2020 = {value.value_fr for value in sheet.values if value.period_code == "2020" and not value.members}
    assert {"534,97", "535,0"} <= of_2020


def test_a_value_computed_from_the_press_has_its_date_and_was_not_replaced(read: Catalogue) -> None:
    [value] = [v for v in sheet_of(read, "PON-4-02").others if v.period_code == "2023"]
    assert (value.value_fr, value.dated_fr) == ("0,00", "date inconnue")
    assert value.set_aside_fr == "Calculée à partir de chiffres écartés ou remplacés"


def test_what_is_not_observed_is_drawn_apart(read: Catalogue) -> None:
    sheet = sheet_of(read, "PON-4-01")
    svg = drawn(sheet).svg
    hollow = [value for value in sheet.totals if value.obs_status != "A"]
    outlined = re.findall(r'<path aria-label="[^"(]*\(([^")]+)\)"(?![^>]* fill=)[^>]* stroke="#', svg)
    assert sorted(outlined) == sorted(value.obs_status_name_fr for value in hollow)
    filled = re.findall(r'<path aria-label="[^"]*" role="graphics-symbol"[^>]*"point"[^>]* fill="#', svg)
    assert 0 < len(filled) == len(sheet.totals) - len(hollow)
    assert svg.count('stroke-dasharray="5,4"') == len(hollow)


def test_the_target_is_drawn(read: Catalogue) -> None:
    assert "Cible 2030 : moins de 3,00" in texts(drawn(sheet_of(read, "PON-4-06")).svg)


def test_each_bar_is_one_value(read: Catalogue) -> None:
    """PON-4-05 has parts of two years and no total: one bar was the sum of both, its labels on each other."""
    svg = drawn(sheet_of(read, "PON-4-05")).svg
    assert marks(svg) == [
        "2017, Zone euro : 46,40 (Réalisé)", "2021, Zone euro : 44,10 (Réalisé)",
        "2017, Reste du monde : 27,20 (Réalisé)", "2021, Reste du monde : 36,90 (Réalisé)",
        "2017, UEMOA : 26,40 (Réalisé)", "2021, UEMOA : 19,00 (Réalisé)",
    ]  # fmt: skip
    assert len({*re.findall(r'"bar" d="M[^,]+,([^h]+)h', svg)}) == 6
    assert {"2017", "2021", "46,40", "44,10"} <= {*texts(svg)}


def test_periods_of_unlike_length_never_stand_together(read: Catalogue) -> None:
    """The months of PON-1-02, a year and twelve years on one line looked like an explosion."""
    months = drawn(sheet_of(read, "PON-1-02"))
    assert len(marks(months.svg)) == 12
    assert all(re.match(r"[a-zéû]+ 2013, ", said) for said in marks(months.svg))
    assert "personnes, par mois" in texts(months.svg)
    assert months.caption_fr.endswith("leur durée étant autre : 2012, 2002–2013, 2013.")
    # Ten years and four cannot be compared; the sectors of the four can.
    assert drawn(sheet_of(read, "PON-4-11")).caption_fr.endswith("par secteur, 2013–2016.")
    assert chart.draw(sheet_of(read, "PON-6-02")) is None


def test_an_axis_marks_periods_that_have_a_value(read: Catalogue) -> None:
    marked = texts(drawn(sheet_of(read, "PON-4-01")).svg)
    years = [text for text in marked if re.fullmatch(r"20\d\d", text)]
    assert years == ["2012", "2016", "2017", "2020", "2021", "2022", "2023", "2024", "2025"]
    # The stock of the last day of 2012 stood at « 2013 ».
    of_days = texts(drawn(sheet_of(read, "PON-4-08")).svg)
    assert {"31 décembre 2007", "31 décembre 2012", "31 décembre 2016"} <= {*of_days}


def invented(like: Sheet, *values: tuple[str, str | None, str], status: str = "A") -> Sheet:
    """A sheet of invented current values: period, part or None for the whole, value."""

    def value(period: str, part: str | None, number: str) -> Value:
        start, end = period_bounds(period)
        return replace(
            like.totals[0], period_code=period, period_name_fr=format_period(period), period_start=start,
            period_end=end, concept_code="_T", counterpart_area_name_fr=part, value=Decimal(number),
            value_fr=format_number(Decimal(number)), obs_status=status, obs_status_name_fr=status,
        )  # fmt: skip

    return replace(like, values=tuple(value(*said) for said in values), progress=(), projections=())


def test_a_negative_part_is_left_of_the_others_and_its_label_of_it(read: Catalogue) -> None:
    """Invented parts: the label of a negative bar stood on it, and the most negative were the first cut."""
    parts = [("2020", f"Part {number:02}", f"{number + 5}") for number in range(14)]
    sheet = invented(sheet_of(read, "PON-4-01"), *parts, ("2020", "Retrait", "-40"))
    picture = drawn(sheet)
    assert len(marks(picture.svg)) == 14
    assert marks(picture.svg)[-1] == "2020, Retrait : −40 (A)"
    assert "2020, Part 00 : 5 (A)" not in marks(picture.svg)
    assert picture.caption_fr.endswith("Les plus grandes des 15 parts.")
    [left] = re.findall(r'aria-label="2020, Retrait[^>]* d="M([^,]+),', picture.svg)
    [label] = re.findall(r'text-anchor="end" transform="translate\(([^,]+),[^>]*>−40<', picture.svg)
    assert float(label) < float(left)


def test_parts_of_periods_of_unlike_length_are_not_compared(read: Catalogue) -> None:
    """Invented parts of a year and of twelve years; provisional, so drawn as outlines."""
    said = [
        (period, part, f"{number}") for period, number in (("2012", 3), ("2002/2013", 90)) for part in "ab"
    ]
    sheet = invented(sheet_of(read, "PON-4-01"), *said, ("2012", "c", "4"), status="P")
    picture = drawn(sheet)
    assert [said[:7] for said in marks(picture.svg)] == ["2012, c", "2012, a", "2012, b"]
    assert picture.caption_fr.endswith("Dans le tableau seulement : 2002–2013.")
    assert "marque creuse" in picture.caption_fr and picture.svg.count('fill-opacity="0"') == 3


def test_no_colour_stands_for_two_series(read: Catalogue) -> None:
    """Invented: the seventh series, or period of parts, had the colour of the first."""
    like = sheet_of(read, "PON-4-01")
    of_parts = invented(like, *((str(2010 + n), part, f"{n + 1}") for n in range(7) for part in "ab"))
    whole = invented(like, *((str(year), None, f"{n + 1}") for n in range(7) for year in (2020, 2021))).values
    of_notions = replace(
        of_parts,
        values=tuple(
            replace(value, concept_code=f"C{n // 2}", concept_name_fr=f"Notion {n // 2}")
            for n, value in enumerate(whole)
        ),
    )
    for sheet, left in ((of_parts, "2010"), (of_notions, "Notion 6")):
        picture = drawn(sheet)
        assert len(marks(picture.svg)) == 12
        assert picture.caption_fr.endswith(f"Dans le tableau seulement : {left}.")


def test_bars_that_are_all_alike_compare_nothing(read: Catalogue) -> None:
    """As the ten « 1 » of the ten cercles."""
    assert chart.draw(sheet_of(read, "PON-2-01")) is None


def test_parts_measured_by_different_concepts_do_not_share_a_table(read: Catalogue) -> None:
    tables = {pivot.title_fr: dict(pivot.rows) for pivot in sheet_of(read, "PON-6-01").pivots}
    born = next(rows for title, rows in tables.items() if "nées au Mali" in title)
    assert "Côte d’Ivoire" in born and "Afrique" not in born
    assert any("Afrique" in rows for rows in tables.values())


def test_a_projection_is_shown_apart_with_its_trial(folder: Path, read: Catalogue) -> None:
    sheet = sheet_of(read, "PON-4-01")
    [projected] = sheet.projected
    [svg] = chart.draw_all(sheet).projections
    assert svg.count('stroke-dasharray="5,4"') == 1  # ahead
    assert len(re.findall(r'role="graphics-symbol" aria-roledescription="area mark"', svg)) == 2
    for text in (page(folder, "PON-4-01"), printed((folder / "pdf" / "PON-4-01.pdf").read_bytes())):
        said = " ".join(text.split())  # wherever the print breaks its lines
        assert "projection calculée" in said and "Essai sur le passé" in said
        for year in projected.years:
            assert year.value_fr is not None
            assert "".join(year.value_fr.split()) in "".join(text.split())
    assert not [value for value in sheet.values if value.origin == "computed"]


def test_a_series_that_is_not_projected_says_why(folder: Path) -> None:
    assert "ne fait pas mieux que la prévision naïve" in page(folder, "PON-4-03")
    abroad = page(folder, "PON-6-01")
    assert "Sans projection" in abroad and "séries : Aucune observation annuelle" in abroad
    assert "Projections" not in page(folder, "PON-3-02")


def test_a_revision_says_what_became_of_the_figure(folder: Path) -> None:
    for text in (page(folder, "PON-4-03"), printed((folder / "pdf" / "PON-4-03.pdf").read_bytes())):
        revised = "".join(text[text.index("Révisions") : text.index("Preuves")].split())
        assert "Remplacée" in revised and "1094400000" in revised and "1107000000" in revised


def test_pages_ask_for_nothing_else(folder: Path) -> None:
    for file in [folder / "index.html", *(folder / "fiches").iterdir()]:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r'<(?:link|img|iframe|script src)|style="|@import|url\(', text), file.name
        assert "default-src 'none'" in text


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is missing: nothing was tried in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_no_text_of_a_chart_is_cut_or_on_another(read: Catalogue, tab: Page) -> None:
    """In a browser, of all indicators and of invented parts with long names and figures."""
    name = "Royaume-Uni de Grande-Bretagne et d’Irlande du Nord"
    wide = invented(
        sheet_of(read, "PON-4-01"),
        ("2020", name, "-120000000"), ("2020", "Mali", "3"),
        ("2019", name, "80000000"), ("2019", "Mali", "-4"),
    )  # fmt: skip
    pictures = {sheet.entry.code: chart.draw(sheet) for sheet in read.sheets} | {"invented": chart.draw(wide)}
    charts = {code: picture.svg for code, picture in pictures.items() if picture}
    tab.set_content("".join(f'<figure id="{code}">{svg}</figure>' for code, svg in charts.items()))
    tab.add_style_tag(content="svg text { font-family: 'DejaVu Sans', Verdana, sans-serif }")  # wide letters
    wrong = tab.evaluate(
        """() => [...document.querySelectorAll("figure")].flatMap(figure => {
            const whole = figure.firstChild.getBoundingClientRect();
            const texts = [...figure.querySelectorAll("text")].filter(text => text.textContent.trim());
            const boxes = texts.map(text => text.getBoundingClientRect());
            const cut = box => box.left < whole.left - 1 || box.right > whole.right + 1
                || box.top < whole.top - 1 || box.bottom > whole.bottom + 1;
            const meet = (box, other) =>
                Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1
                && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 2;
            return texts.filter((_, place) => cut(boxes[place])
                || boxes.slice(place + 1).some(other => meet(boxes[place], other)))
                .map(text => figure.id + ": " + text.textContent);
        })"""
    )
    assert len(charts) > 20 and wrong == []


def test_the_index_is_searched_without_a_network(folder: Path, tab: Page) -> None:
    refused: list[str] = []
    tab.on("console", lambda message: refused.append(message.text))
    tab.goto((folder / "index.html").as_uri())
    tab.fill("#search", "REINSERTION montant")
    shown = tab.locator("tr[data-text]:visible .code").all_inner_texts()
    found = tab.locator("#found").inner_text()
    assert "PON-3-02" in shown and "PON-4-01" not in shown
    assert found == f"{len(shown)} sur 50"
    assert refused == []


def test_a_print_carries_the_values_and_the_day_of_the_data(folder: Path, read: Catalogue) -> None:
    text = printed((folder / "pdf" / "PON-4-01.pdf").read_bytes())
    assert "Envois de fonds reçus" in text and "619,7" in text and "483,3" in text
    assert f"données au {read.as_of_fr}" in text
    with pdfplumber.open(folder / "catalogue.pdf") as whole:
        assert len(whole.pages) > 50
        assert "Sommaire" in whole.pages[1].extract_text()


def test_the_same_marts_give_the_same_bytes(folder: Path, read: Catalogue) -> None:
    kept = replace(read, sheets=tuple(sheet_of(read, code) for code in ("PON-4-01", "PON-4-12")))
    charts = {sheet.entry.code: chart.draw_all(sheet) for sheet in kept.sheets}
    press, pages = Press(kept, charts), Pages(kept, with_dbt=True)
    for sheet in kept.sheets:
        code = sheet.entry.code
        assert press.one(code) == (folder / "pdf" / f"{code}.pdf").read_bytes()
        assert pages.sheet(sheet, charts[code]) == page(folder, code)


def test_texts_are_data_and_never_markup(read: Catalogue) -> None:
    whole = sheet_of(read, "PON-3-06")
    sheet = replace(whole, entry=whole.entry.model_copy(update={"definition_fr": INJECTED}))
    kept = replace(read, sheets=(sheet,))
    text = Pages(kept, with_dbt=False).sheet(sheet, chart.Charts(None, ()))
    assert "&lt;script&gt;alert(1)" in text and "<script>" not in text
    press = Press(kept, {"PON-3-06": chart.Charts(None, ())})
    assert "alert(1)</script> #panic() $x$" in printed(press.one("PON-3-06"))


@pytest.fixture
def empty(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse.dsn("ponam_reader")) as db:
        yield db


def test_without_marts_it_says_what_to_do(empty: psycopg.Connection) -> None:
    with pytest.raises(InfraError, match=r"The marts lack .*marts\.dim_unit.*make pipeline"):
        reading.read(empty)


def test_of_older_marts_it_says_what_to_do(edited: psycopg.Connection) -> None:
    edited.execute("alter table marts.rpt_progress drop column pace_fr")
    with pytest.raises(InfraError, match=r"The marts lack .*pace_fr.*make pipeline"):
        reading.read(edited)

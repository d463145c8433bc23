"""dbt over the bundled publications, really received and loaded: the values that must come out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingestion import cli, evidence
from ingestion.db import Connection
from tests.warehouses import Warehouse

CURRENT = "select {} from marts.fct_indicator_values where is_current and indicator_code = %s"


@pytest.fixture
def marts(built: Warehouse) -> Iterator[Connection]:
    with built.connect("ponam_reader") as db:
        yield db


def current(marts: Connection, indicator: str, *columns: str) -> list[tuple[Any, ...]]:
    return marts.execute(CURRENT.format(", ".join(columns)) + " order by 1, 2", [indicator]).fetchall()


def test_remittances_are_those_of_the_bceao_with_their_status(marts: Connection) -> None:
    found = {row[0]: row[1:] for row in current(marts, "PON-4-01", "period_code", "value", "obs_status")}
    assert found["2020"] == (Decimal("534.97"), "A")  # two papers of one day: the more precise before 535
    assert found["2016"] == (Decimal("483.3"), "A")
    assert found["2017"] == (Decimal("497.7"), "F")
    assert found["2021"] == (Decimal("586.1"), "A")
    assert found["2023"] == (Decimal("583.5"), "A")
    assert found["2025"] == (Decimal("619.7"), "E")
    publishers = dict(current(marts, "PON-4-01", "period_code", "publisher_code"))
    assert {publishers[year] for year in ("2016", "2017", "2021", "2022", "2023", "2024", "2025")} == {
        "bceao"
    }
    assert {unit for unit, _ in current(marts, "PON-4-01", "unit_code", "value")} == {"BN_XOF"}


def test_the_press_stands_beside_an_institution_and_never_before_it(marts: Connection) -> None:
    rows = marts.execute(
        "select value, obs_status, is_current from marts.fct_indicator_values as v"
        " join marts.dim_publisher using (publisher_code)"
        " where indicator_code = 'PON-4-01' and period_code = '2017'"
        " and (kind = 'press' or publisher_code = 'bceao')"
        " order by published_on"
    ).fetchall()
    assert rows == [
        (Decimal("497.7"), "F", True),
        (Decimal("422.8"), "A", False),
        (Decimal("538"), "A", False),
    ]
    alone = dict(current(marts, "PON-4-01", "period_code", "publisher_code"))
    assert alone["2012"] == "diasporaction"


def test_reintegration_has_its_total_and_three_funders(marts: Connection) -> None:
    assert current(marts, "PON-3-02", "funder_code", "value") == [
        ("BSI", 190000000),
        ("CTC", 410702571),
        ("OFII", 300601889),
        ("_T", 901304460),
    ]
    averages = dict(current(marts, "PON-3-03", "funder_code", "round(value)"))
    assert averages == {"BSI": 1496063, "CTC": 45633619, "OFII": 2348452, "_T": 3414032}


def test_the_institution_speaks_and_the_ministry_is_kept(marts: Connection) -> None:
    rows = marts.execute(
        "select publisher_code, is_current from marts.fct_indicator_values"
        " where indicator_code = 'PON-3-01' and funder_code = 'OFII' and area_code = 'MLI' order by 1"
    ).fetchall()
    assert rows == [("ministry", False), ("ofii", True)]


def test_tokten_has_its_total_and_five_sectors(marts: Connection) -> None:
    assert dict(current(marts, "PON-4-12", "sector_code", "value")) == {
        "_T": 10248, "EDU": 9025, "SME": 302, "HEA": 144, "AGR": 305, "OTH": 472,
    }  # fmt: skip
    assert dict(current(marts, "PON-4-08", "period_code", "value")) == {
        "2007-12-31": 282, "2012-12-31": 466, "2016-12-31": 557,
    }  # fmt: skip


def test_the_housing_share_is_declared_and_recomputed(marts: Connection) -> None:
    rows = current(marts, "PON-1-11", "origin", "period_code", "round(value, 2)")
    assert rows == [("computed", "2015", Decimal("19.73")), ("declared", "2015", Decimal("14.81"))]
    verdict = marts.execute(
        "select verdict_fr from marts.rpt_declared_computed where indicator_code = 'PON-1-11'"
    ).fetchall()
    assert verdict == [("Écart dans la même publication",)]


def test_deaths_in_the_mediterranean(marts: Connection) -> None:
    assert current(marts, "PON-1-03", "period_code", "value") == [("2015", 376)]


def test_world_bank_share_of_gdp_is_kept_beside_its_recomputation(marts: Connection) -> None:
    rows = marts.execute(
        CURRENT.format("origin, round(value, 2)") + " and period_code = '2021' order by 1", ["PON-4-03"]
    ).fetchall()
    assert rows == [("computed", Decimal("5.86")), ("declared", Decimal("5.91"))]


def test_an_approximate_operand_makes_an_approximate_quotient(marts: Connection) -> None:
    assert current(marts, "PON-3-05", "qualifier", "round(value)") == [("≈", 1126631)]


def test_values_as_of_a_day_are_those_known_then(marts: Connection) -> None:
    def known(day: str, period: str) -> list[tuple[Any, ...]]:
        return marts.execute(
            "select value, publisher_code from marts.indicator_values_as_of(%s)"
            " where indicator_code = 'PON-4-01' and is_current and period_code = %s",
            [day, period],
        ).fetchall()

    assert known("2017-01-01", "2016") == []
    assert known("2020-01-01", "2016") == [(Decimal("483.3"), "bceao")]
    assert known("2020-01-01", "2021") == []
    assert known("2100-01-01", "2021") == [(Decimal("586.1"), "bceao")]


def test_fifty_indicators_stand_and_those_without_value_say_why(marts: Connection) -> None:
    rows = marts.execute(
        "select indicator_code, no_value_reason_fr is not null,"
        " exists (select from marts.fct_indicator_values v where v.indicator_code = i.indicator_code)"
        " from marts.dim_indicator as i order by 1"
    ).fetchall()
    assert len(rows) == 50
    assert {code for code, says_why, _ in rows if says_why} == {code for code, _, has in rows if not has} == {
        "PON-2-03", "PON-2-04", "PON-3-07", "PON-3-08", "PON-4-07", "PON-4-15", "PON-7-01", "PON-8-01",
    }  # fmt: skip
    said = marts.execute("select answer_fr from marts.rpt_reliability where answer_fr like '%sans valeur%'")
    assert said.fetchall() == [("8 indicateurs sans valeur sur 50",)]


@pytest.mark.parametrize(
    ("indicator", "value", "unit", "origin"),
    [
        ("PON-4-14", 1, "AGREEMENTS", "declared"),
        ("PON-5-01", 3, "SESSIONS", "declared"),
        ("PON-5-04", 80, "PROJECTS", "declared"),
        ("PON-8-02", 524765600, "XOF", "computed"),
    ],
)
def test_the_founding_documents_single_values(
    marts: Connection, indicator: str, value: int, unit: str, origin: str
) -> None:
    assert current(marts, indicator, "value", "unit_code", "origin") == [(value, unit, origin)]


def test_remittances_come_from_three_areas_that_make_a_whole(marts: Connection) -> None:
    shares = current(marts, "PON-4-05", "period_code", "counterpart_area_code", "value")
    assert [value for year, _, value in shares if year == "2021"] == [
        Decimal("44.1"), Decimal("36.9"), Decimal("19.0"),
    ]  # fmt: skip


def test_refugees_are_related_to_the_population_of_their_year(marts: Connection) -> None:
    found = dict(current(marts, "PON-7-02", "period_code", "round(value, 1)"))
    assert found["2016"] == Decimal("815.0")  # 156 415 refugees of 19 191 289 inhabitants
    assert "2025" not in found  # refugees are known, the population is not


def test_the_ratio_to_gdp_names_its_gdp_series_and_stays_out_of_the_indicator(marts: Connection) -> None:
    rows = marts.execute(
        "select gdp_concept_code, share_pct from marts.fct_remittances_to_gdp"
        " where period_code = '2021' and remittances_publisher_code = 'bceao' order by 1"
    ).fetchall()
    assert rows == [("GDP_FORMER_BASE", Decimal("5.47")), ("GDP_REBASED", Decimal("4.6"))]
    sources = set(current(marts, "PON-4-03", "concept_code", "dataset_code"))
    assert sources == {("WB_PERSONAL", "international.world_bank")}


def test_no_pace_is_told_of_a_series_that_stopped(marts: Connection) -> None:
    row = marts.execute(
        "select base_year, latest_year, target_year, target_value, distance, light, projected_year, reason_fr"
        " from marts.fct_progress where indicator_code = 'PON-4-06'"
    ).fetchone()
    why = "La dernière valeur, de 2020, est trop ancienne pour en tirer une allure."
    assert row == (2015, 2020, 2030, Decimal("3"), Decimal("-1.24"), "grey", None, why)
    silent = marts.execute("select count(*) from marts.fct_progress where pace is null and reason_fr is null")
    assert silent.fetchone() == (0,)


def test_the_cercles_of_the_campaigns_are_read_by_territory(marts: Connection) -> None:
    kayes = ("BAFOULABE", "DIEMA", "KAYES", "KENIEBA", "KITA", "NIORO", "YELIMANE")
    named = (*kayes, "KOULIKORO", "MOPTI", "SIKASSO")
    values = dict(current(marts, "PON-2-01", "area_code", "value"))
    assert values == {"MLI": 10, **{f"ML_C_{name}": 1 for name in named}}
    headline = "select value_fr, period_code from marts.rpt_key_figures where indicator_code = 'PON-2-01'"
    assert marts.execute(headline).fetchall() == [("10", "2013/2017")]
    read = {
        territory: (value, state, reason)
        for territory, value, state, reason in marts.execute(
            "select territory_code, value_fr, state, reason_fr from marts.rpt_territory_values"
            " where series_code = 'PON-2-01' and period_code = '2013/2017'"
        )
    }
    assert len(read) == 11 + 58  # the regions and cercles of the division of 2016
    assert read["ML-1"] == ("7", "value", None)  # all seven cercles of Kayes were named
    sikasso = "1 cercle a une valeur, sur 7 ; une somme partielle ne serait pas celle de la région."
    assert read["ML-3"] == ("pas de donnée", "no_data", sikasso)
    assert read["ML_C_KITA"] == ("1", "value", None)
    assert read["ML_C_KOUTIALA"][:2] == ("pas de donnée", "no_data")
    assert read["ML-BKO"][1:] == ("no_data", "L’indicateur se lit par cercle, et ce territoire n’en a pas.")
    said = marts.execute(
        "select breakdown_fr, operand_literal, operand_locator from marts.rpt_value_evidence"
        " where indicator_code = 'PON-2-01' and breakdown_fr = 'Cercle de Yélimané'"
    ).fetchone()
    assert said is not None and said[:2] == ("Cercle de Yélimané", "Yelimané") and said[2].startswith("§35 [")


def test_a_funder_s_value_of_one_region_stands_apart_from_the_national_total(marts: Connection) -> None:
    rows = marts.execute(
        "select territory_code, value_fr, source_fr from marts.rpt_territory_values"
        " where series_code = 'PON-3-01 OFII' and state != 'no_data'"
    ).fetchall()
    assert [row[:2] for row in rows] == [("ML-1", ">\u202f500")]
    assert rows[0][2] == "Maliweb, publié en 2013"
    headline = "select value, period_code from marts.rpt_key_figures where indicator_code = 'PON-3-01'"
    assert marts.execute(headline).fetchall() == [(264, "2013/2016")]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("projets-migrants-kayes-2007-2013.html", "publié en 2013"),  # no more than the year is known
        ("2026-T1.pdf", "publié en juin 2026"),
        ("rapatriements-dgme-2002-2013.html", "publié le 5 février 2014"),
    ],
)
def test_a_publication_is_dated_no_finer_than_it_is_known(marts: Connection, file: str, said: str) -> None:
    [(source,)] = marts.execute(
        "select distinct source_fr from marts.rpt_deliveries join meta.deliveries using (delivery_id)"
        " where file_name = %s",
        [file],
    )
    assert source.endswith(f", {said}")


def test_the_cercles_of_each_division_are_those_of_their_regions(marts: Connection) -> None:
    counted = """select division, count(*) filter (where kind = 'cercle'),
                        count(*) filter (where kind != 'cercle'), count(distinct area_code) = count(*)
                   from marts.dim_territory group by 1"""
    assert set(marts.execute(counted)) == {
        ("8 régions et Bamako", 49, 9, True),
        ("10 régions et Bamako", 58, 11, True),
        ("19 régions et Bamako", 159, 20, True),
    }


def test_areas_overlap_when_and_while_they_share_a_country(built: Warehouse) -> None:
    overlap = (
        "select exists (select from marts.bridge_area_contents a join marts.bridge_area_contents b"
        " using (content_code) where a.area_code = %s and b.area_code = %s"
        " and %s::date >= greatest(a.valid_from, b.valid_from) and %s::date < least(a.valid_to, b.valid_to))"
    )
    with built.connect("ponam_reader") as db:

        def overlaps(one: str, other: str, day: str) -> bool:
            row = db.execute(overlap, [one, other, day, day]).fetchone()
            return row is not None and row[0]

        assert overlaps("CEDEAO", "MLI", "2024-12-31")
        assert not overlaps("CEDEAO", "MLI", "2025-01-29")
        assert overlaps("AFRICA", "UEMOA", "2026-01-01")
        assert overlaps("EU27", "EURO_AREA", "2024-01-01")
        assert overlaps("ML-1", "ML_C_KITA", "2022-01-01")
        assert not overlaps("ML-1", "ML_C_KITA", "2024-01-01")
        assert not overlaps("UEMOA", "EURO_AREA", "2021-12-31")


def test_a_value_shows_under_the_axes_of_either_division(marts: Connection) -> None:
    row = marts.execute(
        "select distinct axis_code, axis_2020_code, axis_2025_code, axis_2025_name_fr"
        " from marts.rpt_indicator_values where indicator_code = 'PON-4-01'"
    ).fetchall()
    assert row == [("PONAM-2014-4", "PLAN-2020-4", None, "Non rattaché (libellés non publiés)")]


def test_series_for_comparison_stand_outside_the_indicators(marts: Connection) -> None:
    rows = marts.execute(
        "select publisher_code, count(*) > 0, bool_and(licence != '')"
        " from marts.fct_comparisons group by 1 order by 1"
    ).fetchall()
    assert rows == [(name, True, True) for name in ("eurostat", "frontex", "iom", "unhcr", "world_bank")]
    assert current(marts, "PON-1-03", "period_code", "value") == [("2015", 376)]


def test_reports_speak_french(marts: Connection) -> None:
    row = marts.execute(
        "select value_fr, unit_name_fr, source_fr from marts.rpt_indicator_values"
        " where indicator_code = 'PON-3-02' and is_current and funder_code = '_T'"
    ).fetchone()
    assert row is not None
    assert row[0] == "901\u202f304\u202f460"
    assert row[1] == "FCFA"
    # The workbook was composed of what the ministry says: nothing here was published by the OFII.
    assert row[2] == "OFII, d’après le ministère des Maliens de l’extérieur (2017)"


def test_a_quotation_names_who_is_quoted_and_when_they_spoke(marts: Connection) -> None:
    said = {
        (row[0], row[1]): row[2]
        for row in marts.execute(
            "select period_code, publisher_code, source_fr from marts.rpt_indicator_values"
            " where indicator_code = 'PON-4-01'"
        )
    }
    assert said["2017", "bceao"] == "BCEAO, d’après le ministère des Maliens de l’extérieur (2017)"
    assert said["2017", "maliweb"] == "Ministère des Maliens de l’extérieur (octobre 2020), d’après Maliweb"
    assert said["2017", "financialafrik"] == "BCEAO (21 février 2019), d’après Financial Afrik"
    assert said["2012", "diasporaction"] == "BCEAO (date inconnue), d’après Diasporaction"
    assert said["2024", "bceao"] == "BCEAO, publié en juin 2026"
    key_figures = dict(marts.execute("select indicator_code, value_fr from marts.rpt_key_figures").fetchall())
    assert key_figures["PON-4-01"] == "619,7"
    assert key_figures["PON-6-01"] == ">\u202f4\u202f000\u202f000"


def test_each_delivery_shows_in_the_ledger_report(marts: Connection) -> None:
    row = marts.execute(
        "select count(*), count(*) filter (where is_in_service), count(distinct publisher_name_fr)"
        " from marts.rpt_deliveries"
    ).fetchone()
    counted = marts.execute("select count(*) from meta.deliveries").fetchone()
    assert row is not None and counted is not None
    assert row[0] == row[1] == counted[0]


def test_the_identities_of_the_founding_documents_come_out_as_they_are_known(marts: Connection) -> None:
    """One verdict per check: that of its parts that is furthest from holding."""
    found = dict(
        marts.execute(
            """select check_number,
                      (array_agg(verdict order by array_position(
                          array['not checkable', 'false', 'implausible', 'inconsistent', 'derived',
                                'consistent', 'holds'], verdict)))[1]
                 from marts.fct_identity_checks where check_number is not null group by check_number"""
        ).fetchall()
    )
    holds = {1, 2, *range(5, 11), 12, *range(15, 22), 24, 25, 26, 30, 33, 35, 36, 39, 44}
    assert len(holds) == 25
    assert found == {
        **dict.fromkeys(holds, "holds"),
        **dict.fromkeys((4, 14), "consistent"),
        11: "false",
        13: "implausible",
        **dict.fromkeys((22, 23, 37, 41), "inconsistent"),
        **dict.fromkeys((28, 31, 32, 34), "derived"),
    }


def test_what_is_said_of_the_whole_counts_each_thing_once(marts: Connection) -> None:
    """A derived quotient holds nothing, and the warehouse does not count itself."""

    def counts(query: str) -> tuple[Any, ...]:
        [row] = marts.execute(query).fetchall()  # type: ignore[call-overload]
        return tuple(row)

    said = dict(
        marts.execute("select place, answer_fr || ' · ' || explanation_fr from marts.rpt_reliability")
    )
    holding, failing, compatible = counts(
        "select count(*) filter (where verdict = 'holds'), count(*) filter (where fails),"
        " count(*) filter (where verdict = 'consistent') from marts.fct_identity_checks"
    )
    judged = holding + failing + compatible
    assert said[4].startswith(f"{holding} vérifications tiennent sur {judged} · {compatible} autres")
    [figures] = counts("select count(distinct figure_id) from marts.rpt_evidence where is_current")
    assert said[2].startswith(f"Oui, pour chaque valeur · {figures} chiffres lus")
    [known] = counts(
        "select count(distinct (indicator_code, period_code, reading)) from marts.indicator_value_versions"
        " where valid_to is null and area_code = 'MLI' and indicator_code not in ('PON-6-03', 'PON-6-04')"
        " and '_T' = all(array[counterpart_area_code, sector_code, funder_code, sex_code])"
    )
    assert f" réalisées sur {known} · " in said[1]
    assert " sont tenues pour réalisées faute de statut dans la publication" in said[1]


def test_a_split_printed_under_the_wrong_year_is_found_and_left_as_printed(marts: Connection) -> None:
    verdicts = dict(
        marts.execute(
            "select identity_code, verdict from marts.fct_identity_checks where document = 'DGME 2014'"
        ).fetchall()
    )
    assert verdicts == {"DGME-1": "holds", "DGME-2": "holds", "DGME-3": "false", "DGME-4": "holds"}
    returns = {
        (period, area): value
        for period, area, value in current(marts, "PON-1-02", "period_code", "counterpart_area_code", "value")
    }
    assert returns["2012", "_T"] == 1127
    assert sum(value for (year, area), value in returns.items() if year == "2012" and area != "_T") == 485
    compared = marts.execute(
        "select declared_value, computed_value, verdict from marts.fct_declared_computed"
        " where indicator_code = 'PON-1-02' and period_code = '2012'"
    ).fetchall()
    assert compared == [(1127, 485, "differs")]


def test_an_identity_carries_both_values_and_the_evidence_of_its_operands(marts: Connection) -> None:
    row = marts.execute(
        "select round(left_value, 2), right_value, round(difference, 2), evidence_fr,"
        " jsonb_array_length(operands), who_fixes, is_new_failure"
        " from marts.fct_identity_checks where identity_code = 'S3-11'"
    ).fetchone()
    assert row is not None
    assert row[:3] == (Decimal("19.73"), Decimal("14.81"), Decimal("4.92"))
    assert "« 14.81% »" in row[3] and "« trois cents sept logements (307) »" in row[3]
    assert row[4:] == (3, "institution", False)


def test_the_world_bank_s_revision_of_2022_is_listed(marts: Connection) -> None:
    rows = marts.execute(
        "select period_code, old_value / 1000000, new_value / 1000000, delta / 1000000, old_edition,"
        " new_edition, published_on::text from marts.revisions"
        " where measure_code = 'remittances_received_usd'"
    ).fetchall()
    assert rows == [
        ("2022", Decimal("1094.4"), Decimal("1107.0"), Decimal("12.6"), "2023-05", "2025-06", "2025-06-30")
    ]
    summary = marts.execute(
        "select periods_revised, periods_known, is_whole_history from marts.revision_summary"
        " where series_key like 'BX.TRF.PWKR.CD.DT%'"
    ).fetchall()
    assert summary == [(1, 13, False)]


def test_a_computed_value_leads_to_the_files_of_its_operands(marts: Connection) -> None:
    rows = marts.execute(
        "select operand_number, operand_value, operand_literal, operand_locator, file_name, length(sha256)"
        " from marts.rpt_evidence where indicator_code = 'PON-1-11' and origin = 'computed' order by 1"
    ).fetchall()
    assert [row[:3] for row in rows] == [
        (1, 307, "trois cents sept logements (307)"),
        (2, 1556, "1\xa0556 logements"),
    ]
    assert all(row[3].startswith("§16 [") for row in rows)
    assert {row[4:] for row in rows} == {("2017-08-31_fiche_realisations.csv", 64)}
    # What stands at that place is in another file, the article's; a figure of a PDF or a cell has one alone.
    texts = marts.execute(
        "select distinct operand_locator like '§%', text_file_name is not null,"
        "       text_sha256 = (select sha256 from meta.deliveries where delivery_id = text_delivery_id)"
        "  from marts.rpt_evidence where figure_id is not null order by 1"
    ).fetchall()
    assert texts == [(False, False, None), (True, True, True)]
    [said] = marts.execute(
        "select distinct text_file_name, text_address from marts.rpt_evidence"
        " where indicator_code = 'PON-1-11'"
    ).fetchall()
    assert said[0] == "realisations-du-ministere-2013-2017.html" and said[1].endswith(f"/articles/{said[0]}")


def test_the_release_calendar_says_what_is_late(marts: Connection) -> None:
    found = dict(
        marts.execute(
            "select period_code, status from marts.fct_release_calendar where dataset_code = 'bceao.eden'"
        ).fetchall()
    )
    assert found["2023"] == "received"
    assert found["2024"] == "late"  # 270 days and 90 of tolerance after 2024


def test_the_command_line_leads_from_a_value_to_its_file(
    built: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evidence", "pon-4-01", "2016"]) == 0
    said = capsys.readouterr().out
    for expected in ("483.3", "p.1 l.5 c.2016", "483,3", "2017.pdf", evidence.INTACT, "§3 [83:98]"):
        assert expected in said
    assert "/articles/realisations-du-ministere-2013-2017.html" in said and "text now" in said
    for unknown, answer in (
        (("PON-2-01", "1950"), "no value of PON-2-01 for 1950; there are 2013/2017"),
        (("PON-9-99", "2016"), "no indicator PON-9-99; there are PON-1-01, PON-1-02, "),
        (("PON-8-01", "2016"), "no value of PON-8-01 for 2016; it has none yet"),
    ):
        assert cli.main(["evidence", *unknown]) == 1
        assert answer in " ".join(capsys.readouterr().err.split())


def test_remittances_of_2017_stand_side_by_side_with_the_reason(marts: Connection) -> None:
    rows = marts.execute(
        "select value, is_current, difference, why_fr from marts.conflicts"
        " where measure_code = 'remittances_received' and period_code = '2017'"
        " and publisher_code != 'ministry' order by value"
    ).fetchall()
    assert [row[:3] for row in rows] == [
        (Decimal("422.8"), False, Decimal("-74.9")),
        (Decimal("497.7"), True, 0),
        (Decimal("538"), False, Decimal("40.3")),
    ]
    assert [row[3].partition(" :")[0] for row in rows] == ["Écarté", "Retenu", "Écarté"]


def test_only_what_a_developer_repairs_stops_the_marts(built: Warehouse) -> None:
    """What an institution or the statistics team repairs is said; it must not stop the others' figures."""
    with built.connect() as db:
        found = db.execute(
            "select who_fixes, severity, count(*) from meta.check_results where checker = 'dbt' group by 1, 2"
        ).fetchall()
    counted = {(who, severity): number for who, severity, number in found}
    assert counted.keys() == {
        ("developer", "error"), ("statistics team", "warning"), ("institution", "warning"),
    }  # fmt: skip
    assert sum(counted.values()) > 200

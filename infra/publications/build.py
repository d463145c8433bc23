"""Write the bundled publications again from `figures/`. The same figures give the same bytes, always."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

from infra.publications.bulletins import formal_transfers, quarterly_bulletin
from infra.publications.manifest import FIGURES, FILES, publications
from infra.publications.workbooks import Row, frontex_workbook, ofii_workbook, tokten_workbook

_COMPOSED = "composé par le projet PONAM"


def build(folder: Path = FILES) -> list[str]:
    """Write every composed file below `folder`; returns their paths in it.

    The article and its transcription sheet are not among them: they are text, written by hand in `files/`.
    """
    citations = {publication.path: publication.citation for publication in publications()}
    for path, compose in COMPOSED.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compose(citations[path]))
    return list(COMPOSED)


def read_figures(name: str) -> list[dict[str, str]]:
    """Read one file of figures: a header, then rows of text as printed."""
    with (FIGURES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _eden(citation: str) -> bytes:
    """EDEN's own dress, with the mixed encodings of its exports: a Latin-1 title over UTF-8 lines."""
    figures = read_figures("bceao_eden_pib")
    years = [row["annee"] for row in figures]
    values = [_french(row["milliards_fcfa"]) for row in figures]
    title = f"PIBN - PRODUIT INTERIEUR BRUT NOMINAL (fichier {_COMPOSED} d'après : {citation})"
    lines = [
        "MALI;",
        ";".join(["CODE", "LIBELLE", "UNITE DE MESURE", "MAGNITUDE", *years, ""]),
        ";".join(["DDDSR1015A0BP", "PIB nominal (en milliards de FCFA)", "FCFA", "Milliards", *values, ""]),
    ]
    return b"\n\n" + f"{title}\n\n".encode("latin-1") + "\n".join([*lines, "", ""]).encode()


def _french(number: str) -> str:
    """Print a plain number as EDEN does: thousands after a space, a decimal comma."""
    return f"{Decimal(number):,}".replace(",", " ").replace(".", ",")


def _world_bank(edition: str, series: dict[str, tuple[str, str, int]]) -> Callable[[str], bytes]:
    """Compose one edition; `series` maps a column of figures to indicator code, name and scale."""

    def compose(citation: str) -> bytes:
        figures = [row for row in read_figures("world_bank_mali") if any(row[name] for name in series)]
        rows: list[list[str]] = [
            ["Data Source", f"World Development Indicators ({_COMPOSED} : {citation})"],
            [],
            ["Last Updated Date", edition],
            [],
            ["Country Name", "Country Code", "Indicator Name", "Indicator Code"],
        ]
        rows[-1] += [row["annee"] for row in figures]
        for column, (code, name, scale) in series.items():
            values = [str(Decimal(row[column]) * scale) if row[column] else "" for row in figures]
            rows.append(["Mali", "MLI", name, code, *(_plain(value) for value in values)])
        return _quoted(rows)

    return compose


def _plain(number: str) -> str:
    """Write 473200000 and not 473200000.0."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _quoted(rows: list[list[str]]) -> bytes:
    """Every field in quotation marks, as the World Bank's files have them."""
    lines = [",".join(f'"{field.replace(chr(34), chr(34) * 2)}"' for field in row) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _undesa(citation: str) -> bytes:
    figures = (FIGURES / "undesa_migrant_stock_2024.csv").read_text(encoding="utf-8")
    return f'"{citation} Fichier {_COMPOSED}."\n\n{figures}'.encode()


def _unhcr(citation: str) -> bytes:
    populations = {
        "refugees": "Refugees under UNHCR's mandate",
        "asylum_seekers": "Asylum-seekers",
        "returned_refugees": "Returned refugees",
        "idps": "IDPs of concern to UNHCR",
        "returned_idps": "Returned IDPs",
    }
    rows = [["Year", "Country of origin", "Country of origin (ISO)", *populations.values()]]
    rows += [
        [row["year"], "Mali", "MLI", *(row[name] for name in populations)]
        for row in read_figures("unhcr_origine_mali")
    ]
    return _quoted([[f"{citation} Fichier {_COMPOSED}."], [], *rows])


def _eurostat(figures: list[Row], citation: str) -> bytes:
    """The dress of Eurostat's extractions: country names, `:` for missing, English thousands, flags apart."""
    header = ["DATASET", "TIME", "GEO", "CITIZEN", "UNIT", "Value", "Flag and Footnotes"]
    rows = [
        [row["jeu"], row["TIME"], row["GEO"], "Mali", "Person", row["Value"], row["Flag and Footnotes"]]
        for row in figures
    ]
    return _quoted([[f"{citation} Fichier {_COMPOSED}."], [], header, *rows])


def _eurostat_orders(table: str) -> Callable[[str], bytes]:
    figures = [row for row in read_figures("eurostat_retours_ordres") if row["jeu"] == table]
    return partial(_eurostat, figures)


def _eurostat_asylum(citation: str) -> bytes:
    names = {
        "EU27": "European Union (27 countries)",
        "FRA": "France",
        "ITA": "Italy",
        "ESP": "Spain",
        "DEU": "Germany (until 1990 former territory of the FRG)",
    }
    figures = [
        {
            "jeu": "migr_asyappctza",
            "TIME": row["annee"],
            "GEO": name,
            "Value": row[column] if row[column] == ":" else f"{int(row[column]):,}",
            "Flag and Footnotes": "",
        }
        for row in read_figures("eurostat_asile")
        for column, name in names.items()
    ]
    return _eurostat(figures, citation)


def _missing_migrants(edition: str, lines: dict[str, tuple[str, str]]) -> Callable[[str], bytes]:
    """Compose one edition; `lines` maps a column of figures to the code and the name of what it counts."""

    def compose(citation: str) -> bytes:
        rows = [["Incident Year", "Breakdown", "Migration Route", "Total Number of Dead and Missing"]]
        rows += [
            [row["annee"], code, name, f"{int(row[column]):,}"]
            for row in read_figures(f"iom_deces_{edition}")
            for column, (code, name) in lines.items()
        ]
        return _quoted([[f"{citation} Fichier {_COMPOSED}."], [], *rows])

    return compose


_RECEIVED = ("BX.TRF.PWKR.CD.DT", "Personal remittances, received (current US$)", 1_000_000)
_SHARE = ("BX.TRF.PWKR.DT.GD.ZS", "Personal remittances, received (% of GDP)", 1)
_COST = ("SI.RMT.COST.IB.ZS", "Average transaction cost of sending remittances to a specific country (%)", 1)
_POPULATION = ("SP.POP.TOTL", "Population, total", 1)
_GDP = ("NY.GDP.MKTP.CD", "GDP (current US$)", 1)

COMPOSED: dict[str, Callable[[str], bytes]] = {
    "bceao/eden/PIBN_ANNUEL.xls": _eden,
    "bceao/bulletin/2017.pdf": lambda citation: formal_transfers(
        read_figures("bceao_bulletin_envois_formels"), citation
    ),
    "bceao/bulletin/2026-T1.pdf": lambda citation: quarterly_bulletin(
        read_figures("bceao_bulletin_8.2"), read_figures("bceao_bulletin_10.3.5"), citation
    ),
    "ofii/reintegration_projects/2017-08-31_projets_de_reinsertion.xlsx": lambda citation: ofii_workbook(
        read_figures("ofii_projets"), citation
    ),
    "tokten/activities/2017-08-31_activites_tokten.xlsx": lambda citation: tokten_workbook(
        read_figures("tokten_activites"), citation
    ),
    "international/world_bank/2023-05.csv": _world_bank(
        "2023-05",
        {"recus_musd_2023_05": _RECEIVED, "recus_pct_pib_2023_05": _SHARE, "cout_200usd_pct_2023_05": _COST},
    ),
    "international/world_bank/2025-06.csv": _world_bank(
        "2025-06",
        {"recus_musd_2025_06": _RECEIVED, "pib_usd_2025_06": _GDP, "population_2025_06": _POPULATION},
    ),
    "international/undesa/migrant_stock_2024.csv": _undesa,
    "international/unhcr/population_mali_origine_2025.csv": _unhcr,
    "international/frontex/detections_mali_2025.xlsx": lambda citation: frontex_workbook(
        read_figures("frontex_detections"), citation
    ),
    "international/eurostat/migr_eirtn.csv": _eurostat_orders("migr_eirtn"),
    "international/eurostat/migr_eiord.csv": _eurostat_orders("migr_eiord"),
    "international/eurostat/migr_asyappctza.csv": _eurostat_asylum,
    "international/iom/missing_migrants_2025-06.csv": _missing_migrants(
        "2025_06",
        {
            "mediterranee_routes": ("MEDITERRANEAN_ROUTES", "Mediterranean routes"),
            "canaries_atlantique": ("ATLANTIC", "Western Africa / Atlantic route to the Canary Islands"),
            "origine_contient_mali": ("ORIGIN_INCLUDES_MALI", "Any route, country of origin includes Mali"),
            "origine_mali_seul": ("ORIGIN_MALI", "Any route, country of origin Mali"),
            "survenus_au_mali": ("IN_MALI", "Incidents in Mali"),
        },
    ),
    "international/iom/missing_migrants_2026-05.csv": _missing_migrants(
        "2026_05",
        {
            "mediterranee_region": ("MEDITERRANEAN_REGION", "Mediterranean region"),
            "sahara": ("SAHARA", "Sahara Desert crossing"),
        },
    ),
}

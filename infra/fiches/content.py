"""What an indicator sheet says, in French.

`reading` fills all this from the catalogue's entries and the marts. Numbers, periods and days are texts of
the marts, the same as on the dashboards; a number beside them is for a chart, exact, in the indicator's unit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from dbt_project import catalogue
from infra.fiches import wording
from ingestion.french import agreeing, fold, format_number, format_period

BREAKDOWNS = tuple(wording.PIVOT_FR)
NAMED_AT_MOST = 5
"""Series named in one sentence; more are counted."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the policy."""

    code: str
    number: int
    name_fr: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an indicator, current or not."""

    indicator_code: str
    period_code: str
    period_name_fr: str
    period_start: date
    period_end: date
    concept_code: str
    concept_name_fr: str
    area_name_fr: str | None
    """Like the next four: the part of the breakdown that the value is of, None where it is of the whole."""
    counterpart_area_name_fr: str | None
    sector_name_fr: str | None
    funder_name_fr: str | None
    sex_name_fr: str | None
    value: Decimal
    value_fr: str
    """With its qualifier; beside its rivals, with the decimals that tell it apart: 534,97 and 535,0."""
    obs_status: str
    obs_status_name_fr: str
    origin: str
    origin_name_fr: str
    said_by_fr: str
    """Who says it, and after whom; the warehouse what it computed."""
    dated_fr: str
    """Of when it is, or what it was computed from, as far as that is known."""
    source_fr: str
    """Both in one phrase, of the operands where it is computed."""
    is_current: bool
    why_fr: str | None
    """How the value stands among its rivals, when several were published for the same quantity."""
    is_headline: bool
    """Whether the dashboard shows it as the indicator's latest value."""
    recomputed_value_fr: str | None
    """Like the next, of a headline that the warehouse recomputes: the result, and whether it agrees."""
    recomputation_fr: str | None

    @property
    def members(self) -> dict[str, str]:
        """Breakdown (`sector`) → name of the part."""
        named = {name: getattr(self, f"{name}_name_fr") for name in BREAKDOWNS}
        return {name: part for name, part in named.items() if part is not None}

    @property
    def notion_fr(self) -> str:
        """The concept measured; empty when the publication does not say it."""
        return "" if self.concept_code == "_T" else self.concept_name_fr

    @property
    def recomputed_fr(self) -> str | None:
        """What the warehouse finds for it, as the dashboard's card says it; None without a recomputation."""
        if self.recomputed_value_fr is None:
            return None
        return f"Recalculé : {self.recomputed_value_fr} ({self.recomputation_fr})"

    @property
    def when_fr(self) -> str:
        """The period and the status."""
        computed = ", calcul de l’entrepôt" if self.origin == "computed" else ""
        return f"{self.period_name_fr}, {self.obs_status_name_fr.lower()}{computed}"

    @property
    def set_aside_fr(self) -> str:
        """Why the value does not speak for its quantity."""
        if self.why_fr is not None:
            return self.why_fr
        if self.origin == "computed":
            return "Calculée à partir de chiffres écartés ou remplacés"
        return "Remplacée ou retirée par une publication plus récente"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One figure that a current value was made of, and the file that it was read in."""

    indicator_code: str
    period_name_fr: str
    part_fr: str
    """The part of the breakdown, or empty for the total."""
    locator: str | None
    literal: str | None
    delivery_id: int
    file_name: str
    sha256: str
    address: str
    source_fr: str
    edition: str

    @property
    def what_fr(self) -> str:
        """The period, and the part."""
        return ", ".join(filter(None, (self.period_name_fr, self.part_fr)))

    @property
    def literal_fr(self) -> str:
        """The figure as printed, in quotes."""
        return f"« {self.literal} »" if self.literal else ""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One file, and what was read in it."""

    file: Evidence
    readings: tuple[Evidence, ...]

    @property
    def title_fr(self) -> str:
        """Who published the file, as which edition, and when."""
        file = self.file
        return f"{file.source_fr}, édition {file.edition}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one target is, by the method of marts.fct_progress."""

    indicator_code: str
    base_year: int | None
    target_value: Decimal
    target_value_fr: str
    target_year: int | None
    target_source_fr: str
    pace_fr: str | None
    status_name_fr: str
    light: str
    projected_year: int | None
    reason_fr: str | None

    def sentence_fr(self, unit_fr: str) -> str:
        """Say what the target is, who decided it, and how far it is."""
        until = f" en {self.target_year}" if self.target_year else ""
        said = [f"{self.target_value_fr} {unit_fr}{until}.", self.target_source_fr.rstrip(".") + "."]
        if self.reason_fr:
            said.append(self.reason_fr)
        if self.pace_fr:
            reached = (
                f" ; à ce rythme, elle est atteinte en {self.projected_year}" if self.projected_year else ""
            )
            said.append(f"Allure depuis {self.base_year} : {self.pace_fr} fois celle qu’il faut{reached}.")
        return " ".join(said)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A declared value beside its recomputation."""

    indicator_code: str
    period_name_fr: str
    comparison_fr: str
    declared_value_fr: str
    computed_value_fr: str
    verdict_fr: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An arithmetic identity that reads a figure of the indicator."""

    indicator_code: str
    title_fr: str
    left_value_fr: str | None
    relation_fr: str | None
    right_value_fr: str | None
    verdict_fr: str
    fails: bool

    @property
    def reading_fr(self) -> str:
        """Both sides, as far as they exist."""
        return " ".join(filter(None, (self.left_value_fr, self.relation_fr, self.right_value_fr)))


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure that a later delivery revised, in its own unit."""

    indicator_code: str
    period_name_fr: str
    series_fr: str
    """What the series measures; its key too where several series measure it."""
    kind_fr: str
    """Replaced, withdrawn, …: what became of it."""
    old_value_fr: str
    """A dash where it had been withdrawn, as in the next where it was."""
    new_value_fr: str
    unit_fr: str
    old_edition: str
    new_edition: str
    published_on_fr: str


@dataclass(frozen=True, slots=True)
class Check:
    """What dbt said of one test of the indicator's model in the last run."""

    indicator_code: str
    expected: str
    observed: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Projection:
    """One projected year of a series, or the series and why it is not projected."""

    indicator_code: str
    series_key: str
    series_name_fr: str
    concept_name_fr: str | None
    """Of a series of the indicator itself, where the publication says the concept."""
    counterpart_area_name_fr: str | None
    observed_by_name_fr: str
    unit_fr: str
    is_published: bool
    period_code: str | None
    """Like the values below, None when the series is not projected."""
    value: Decimal | None
    lower_80: Decimal | None
    upper_80: Decimal | None
    lower_95: Decimal | None
    upper_95: Decimal | None
    value_fr: str | None
    interval_80_fr: str | None
    interval_95_fr: str | None
    observed_from: int | None
    observations: tuple[float, ...]
    """What was observed, year by year from `observed_from`: empty when the series is not projected."""
    verdict_fr: str
    backtest_fr: str | None

    @property
    def name_fr(self) -> str:
        """The series, its concept, its part and its publisher."""
        parts = (
            self.series_name_fr, self.concept_name_fr, self.counterpart_area_name_fr, self.observed_by_name_fr
        )  # fmt: skip
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ProjectedSeries:
    """A series whose projection is published."""

    years: tuple[Projection, ...]

    @property
    def series(self) -> Projection:
        """What all years say of the series."""
        return self.years[0]

    @property
    def caption_fr(self) -> str:
        """The caption of its chart."""
        series = self.series
        return (
            f"{series.name_fr}, {series.unit_fr}. Trait plein : observé ; trait interrompu : projection "
            "calculée ; bandes : intervalles à 80 % et à 95 %."
        )


@dataclass(frozen=True, slots=True)
class NotProjected:
    """The series that are not projected for one reason."""

    reason_fr: str
    series: tuple[Projection, ...]

    @property
    def sentence_fr(self) -> str:
        """The reason, and the series: named while they are few."""
        if len(self.series) > NAMED_AT_MOST:
            return f"{len(self.series)} séries : {self.reason_fr}"
        return f"{' ; '.join(series.name_fr for series in self.series)} : {self.reason_fr}"

    @property
    def backtests_fr(self) -> tuple[str, ...]:
        """How the trial on the past ended, where there was one."""
        named = len(self.series) > 1
        return tuple(
            f"{series.name_fr}. {series.backtest_fr}" if named else series.backtest_fr
            for series in self.series
            if series.backtest_fr
        )


@dataclass(frozen=True, slots=True)
class Pivot:
    """Current values of one breakdown: a row per part, a column per period; empty where there is none."""

    title_fr: str
    periods_fr: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One fiche indicateur."""

    entry: catalogue.Entry
    axis: Axis
    unit_fr: str
    sources_fr: tuple[str, ...]
    values: tuple[Value, ...]
    evidence: tuple[Evidence, ...]
    progress: tuple[Progress, ...]
    comparisons: tuple[Comparison, ...]
    identities: tuple[Identity, ...]
    revisions: tuple[Revision, ...]
    checks: tuple[Check, ...]
    projections: tuple[Projection, ...]

    @property
    def totals(self) -> tuple[Value, ...]:
        """Current values of the whole, by concept and period."""
        return tuple(v for v in self.values if v.is_current and not v.members)

    @property
    def others(self) -> tuple[Value, ...]:
        """Values of the whole that were published and do not speak for their quantity."""
        return tuple(v for v in self.values if not v.is_current and not v.members)

    @property
    def headline(self) -> Value | None:
        """The latest value of the whole, by the one rule of marts.rpt_key_figures."""
        return next((value for value in self.values if value.is_headline), None)

    @property
    def no_headline_fr(self) -> str:
        """What stands in its place when there is none."""
        return "Pas de valeur pour l’ensemble" if self.values else "Pas de valeur à ce jour"

    @property
    def checks_fr(self) -> tuple[str, ...]:
        """What fails: identities of the figures, then dbt's tests of the model; what passes is counted."""
        failing = [identity for identity in self.identities if identity.fails]
        passed = sum(check.passed for check in self.checks)
        said = []
        if failing:
            titles = " ; ".join(identity.title_fr for identity in failing)
            said.append(
                f"{agreeing(len(failing), 'identités en échec')} sur {len(self.identities)} : {titles}."
            )
        if self.checks:
            of_all = f"{agreeing(passed, 'contrôles conformes')} sur {len(self.checks)}"
            said.append(f"Calcul de l’indicateur : {of_all} à la dernière transformation.")
        return (*said, *(f"{check.expected} : {check.observed}" for check in self.checks if not check.passed))

    @property
    def pivots(self) -> tuple[Pivot, ...]:
        """Current values by part: one breakdown and one concept at a time, which alone can be compared."""
        found: dict[tuple[int, str], list[Value]] = defaultdict(list)
        for value in self.values:
            if value.is_current and len(value.members) == 1:
                [breakdown] = value.members
                found[BREAKDOWNS.index(breakdown), value.concept_name_fr].append(value)
        return tuple(_pivot(found[key]) for key in sorted(found))

    @property
    def projected(self) -> tuple[ProjectedSeries, ...]:
        """The series whose projection is published."""
        published = [row for row in self.projections if row.is_published]
        return tuple(
            ProjectedSeries(tuple(years)) for _, years in groupby(published, key=lambda row: row.series_key)
        )

    @property
    def not_projected(self) -> tuple[NotProjected, ...]:
        """The series that could have been, by the reason why they are not."""
        by_reason: dict[str, list[Projection]] = defaultdict(list)
        for row in self.projections:
            if not row.is_published:
                by_reason[row.verdict_fr].append(row)
        return tuple(NotProjected(reason, tuple(series)) for reason, series in by_reason.items())

    @property
    def evidence_files(self) -> tuple[EvidenceFile, ...]:
        """The evidence, by file."""
        return tuple(
            EvidenceFile(rows[0], tuple(rows))
            for _, group in groupby(self.evidence, key=lambda row: row.delivery_id)
            if (rows := list(group))
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the catalogue says of the indicator, label and text, without what has nothing to say."""
        entry = self.entry
        said = (
            ("Formule", entry.formula_fr),
            ("Numérateur", entry.numerator_fr),
            ("Dénominateur", entry.denominator_fr),
            ("Unité", self.unit_fr),
            ("Sens", wording.DIRECTION_FR[entry.direction]),
            ("Signe", wording.SIGN_FR[entry.sign]),
            ("Périodicité", wording.FREQUENCY_FR[entry.frequency]),
            ("Ventilations", ", ".join(wording.BREAKDOWN_FR[code] for code in entry.breakdowns) or "Aucune"),
            ("Sources", " ; ".join(self.sources_fr) or "Aucune à ce jour"),
            (
                "Ruptures de série",
                " ; ".join(f"{said.year} : {said.text_fr.rstrip('.')}" for said in entry.breaks)
                or "Aucune connue",
            ),
            ("Traitement", entry.treatment_fr),
            ("Limites d’usage", entry.limits_fr),
            ("Validation", entry.validation_fr),
            ("Responsable", entry.responsible_fr),
            ("ODD", entry.sdg),
            ("Pacte mondial", entry.gcm and f"Objectif {entry.gcm}"),
            ("Valeur de référence", self._baseline_fr()),
        )
        return tuple((label, text) for label, text in said if text)

    def _baseline_fr(self) -> str | None:
        baseline = self.entry.baseline
        if baseline is None:
            return None
        value, period = format_number(baseline.value), format_period(baseline.period)
        return f"{value} {self.unit_fr} ({period}), {baseline.source_fr}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sheets, in the order of their codes, and the day that they speak of."""

    as_of: date
    """Day of the newest verdict on an accepted delivery."""
    sheets: tuple[Sheet, ...]

    @property
    def as_of_fr(self) -> str:
        """That day in French."""
        return format_period(self.as_of.isoformat())

    @property
    def by_axis(self) -> list[tuple[Axis, list[Sheet]]]:
        """Sheets under their axis."""
        ordered = sorted(self.sheets, key=lambda sheet: (sheet.axis.number, sheet.entry.code))
        return [(axis, list(group)) for axis, group in groupby(ordered, key=lambda sheet: sheet.axis)]


def _pivot(values: list[Value]) -> Pivot:
    [breakdown] = values[0].members
    periods = {v.period_code: v.period_name_fr for v in sorted(values, key=lambda v: v.period_end)}
    cells: dict[str, dict[str, Value]] = defaultdict(dict)
    for value in values:
        cells[value.members[breakdown]][value.period_code] = value
    # Largest first, by the latest period that the part has a value of.
    ordered = sorted(
        cells.items(),
        key=lambda row: (-next(row[1][p].value for p in reversed(periods) if p in row[1]), fold(row[0])),
    )
    return Pivot(
        title_fr=" · ".join(filter(None, (wording.PIVOT_FR[breakdown], values[0].notion_fr))),
        periods_fr=tuple(periods.values()),
        rows=tuple(
            (part, tuple(row[period].value_fr if period in row else "" for period in periods))
            for part, row in ordered
        ),
    )

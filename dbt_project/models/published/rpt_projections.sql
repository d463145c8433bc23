-- The prospective view in French: a row per projected year, or one row that says why a series is not projected.
select
    verdict.series_key,
    verdict.indicator_code,
    indicator.name_fr as indicator_name_fr,
    coalesce(measure.label_fr, indicator.name_fr) as series_name_fr,
    verdict.measure_code,
    verdict.counterpart_area_code,
    case when verdict.counterpart_area_code != '_T' then area.name_fr end as counterpart_area_name_fr,
    verdict.concept_code,
    concept.name_fr as concept_name_fr,
    publisher.name_fr as observed_by_name_fr,
    verdict.is_published,
    coalesce(projection.horizon, 0) as horizon,
    projection.period_code,
    projection.period_start,
    projection.value,
    projection.lower_80,
    projection.upper_80,
    projection.lower_95,
    projection.upper_95,
    {{ french_number(three_digits('projection.value'), 'unit.decimals') }} as value_fr,
    {{ french_interval('projection.lower_80', 'projection.upper_80', 'unit.decimals') }} as interval_80_fr,
    {{ french_interval('projection.lower_95', 'projection.upper_95', 'unit.decimals') }} as interval_95_fr,
    verdict.unit_code,
    unit.name_fr as unit_name_fr,
    'Projection calculée' as obs_status_name_fr,
    verdict.first_year as observed_from,
    verdict.last_year as observed_to,
    verdict.is_eligible,
    coalesce(
        verdict.reason_fr,
        concat(
            'Prolongement de la tendance de ', verdict.number_of_years,
            ' années observées ; publié parce qu’il se trompe moins, sur le passé, que deux prévisions naïves.'
        )
    ) as verdict_fr,
    case
        when verdict.number_of_trials is not null
            then concat(
                'Essai sur le passé (', verdict.number_of_trials, ' prévisions à 1, 2 et 3 ans) : erreur moyenne de ',
                {{ french_number('verdict.smape_pct', '1') | indent(16) }}, ' %, contre ',
                {{ french_number('verdict.random_walk_smape_pct', '1') | indent(16) }},
                ' % en répétant la dernière valeur et ',
                {{ french_number('verdict.random_walk_drift_smape_pct', '1') | indent(16) }},
                ' % en prolongeant la variation moyenne ; l’intervalle à 80 % a contenu ',
                {{ french_number('verdict.coverage_80_pct', '0') | indent(16) }}, ' % des observations, celui à 95 %, ',
                {{ french_number('verdict.coverage_95_pct', '0') | indent(16) }}, ' %.'
            )
    end as backtest_fr
from {{ ref('projection_verdicts') }} as verdict
inner join {{ ref('dim_indicator') }} as indicator on verdict.indicator_code = indicator.indicator_code
inner join {{ ref('dim_area') }} as area on verdict.counterpart_area_code = area.area_code
inner join {{ ref('dim_concept') }} as concept on verdict.concept_code = concept.concept_code
inner join {{ ref('dim_publisher') }} as publisher on verdict.publisher_code = publisher.publisher_code
inner join {{ ref('dim_unit') }} as unit on verdict.unit_code = unit.unit_code
left join {{ ref('measures') }} as measure on verdict.measure_code = measure.code
left join {{ ref('fct_projections') }} as projection on verdict.series_key = projection.series_key

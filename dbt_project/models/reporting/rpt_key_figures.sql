{#-
    One value per indicator: its latest current total of Mali as a whole, of the concept closest to the definition. The
    institution's own value is shown where there is one; a recomputation that disagrees is named beside it.
-#}
with ranked as (
    select
        value.*,
        row_number() over (
            partition by value.indicator_code
            order by
                -- A reading of the whole before a count of something apart (the expelled, one meeting).
                concept.is_alternative desc,
                concept.rank asc,
                value.period_end desc,
                {{ days_from_a_year('value') }} asc,
                value.origin desc
        ) as place
    from {{ ref('rpt_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    where value.is_current and {{ is_total('value') | indent(4) }}
)

select
    ranked.indicator_code,
    ranked.indicator_name_fr,
    ranked.axis_code,
    ranked.axis_name_fr,
    ranked.period_code,
    ranked.period_name_fr,
    ranked.year,
    ranked.area_code,
    ranked.counterpart_area_code,
    ranked.sector_code,
    ranked.funder_code,
    ranked.sex_code,
    ranked.concept_code,
    ranked.concept_name_fr,
    ranked.value,
    ranked.value_fr,
    ranked.unit_name_fr,
    ranked.obs_status,
    ranked.obs_status_name_fr,
    ranked.origin,
    ranked.origin_name_fr,
    ranked.publisher_name_fr,
    ranked.said_by_fr,
    ranked.dated_fr,
    ranked.published_on,
    ranked.published_on_fr,
    ranked.source_fr,
    comparison.computed_value_fr as recomputed_value_fr,
    comparison.verdict_fr
from ranked
left join {{ ref('rpt_declared_computed') }} as comparison
    on
        ranked.indicator_code = comparison.indicator_code
        and ranked.period_code = comparison.period_code
        and {{ same_breakdowns('ranked', 'comparison') | indent(8) }}
        and ranked.concept_code = comparison.concept_code
        and ranked.publisher_code = comparison.publisher_code
        and comparison.comparison_fr = 'Quotient recalculé'
where ranked.place = 1

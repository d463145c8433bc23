{#-
    One value per indicator: its latest current total of Mali as a whole, of the concept closest to the definition. The
    institution's own value is shown where there is one; a recomputation that disagrees is named beside it. An indicator
    that is nothing but parts (shares by area) has no number: its words name those of the latest period.
-#}
with ranked as (
    select
        value.*,
        {{ is_total('value') | indent(8) }} as is_whole,
        row_number() over (
            partition by value.indicator_code
            order by
                ({{ is_total('value') | indent(16) }}) desc,
                -- A reading of the whole before a count of something apart (the expelled, one meeting).
                concept.is_alternative desc,
                concept.rank asc,
                value.period_end desc,
                {{ days_from_a_year('value') }} asc,
                value.origin desc
        ) as place
    from {{ ref('rpt_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    where value.is_current
),

part as (
    select
        indicator_code,
        period_code,
        concept_code,
        origin,
        case
            when count(*) > 5 then {{ counted('count(*)', 'valeur détaillée', 'valeurs détaillées') | indent(16) }}
            else string_agg(
                concat_ws(
                    ' ',
                    case when area_code != 'MLI' then area_name_fr end,
                    case when counterpart_area_code != '_T' then counterpart_area_name_fr end,
                    case when sector_code != '_T' then sector_name_fr end,
                    case when funder_code != '_T' then funder_name_fr end,
                    value_fr
                ), ' ; ' order by value desc
            )
        end as value_fr,
        string_agg(distinct source_fr, ' ; ') as source_fr
    from ranked
    where not is_whole
    group by indicator_code, period_code, concept_code, origin
)

select
    ranked.indicator_code,
    ranked.indicator_name_fr,
    ranked.axis_code,
    ranked.axis_name_fr,
    ranked.period_code,
    ranked.period_name_fr,
    ranked.year,
    {%- for column in totals() %}
    case when ranked.is_whole then ranked.{{ column }} end as {{ column }},
    {%- endfor %}
    ranked.concept_code,
    ranked.concept_name_fr,
    case when ranked.is_whole then ranked.value end as value,
    coalesce(part.value_fr, ranked.value_fr) as value_fr,
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
    coalesce(part.source_fr, ranked.source_fr) as source_fr,
    comparison.computed_value_fr as recomputed_value_fr,
    comparison.verdict_fr
from ranked
left join part
    on
        not ranked.is_whole
        and ranked.indicator_code = part.indicator_code
        and ranked.period_code = part.period_code
        and ranked.concept_code = part.concept_code
        and ranked.origin = part.origin
left join {{ ref('rpt_declared_computed') }} as comparison
    on
        ranked.is_whole
        and ranked.indicator_code = comparison.indicator_code
        and ranked.period_code = comparison.period_code
        and {{ same_breakdowns('ranked', 'comparison') | indent(8) }}
        and ranked.concept_code = comparison.concept_code
        and ranked.publisher_code = comparison.publisher_code
        and comparison.comparison_fr = 'Quotient recalculé'
where ranked.place = 1

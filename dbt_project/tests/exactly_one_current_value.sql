select
    indicator_code,
    period_code,
    {{ breakdowns() }},
    reading,
    origin,
    count(*) filter (where is_current) as current_values
from (
    select
        value.*,
        case when concept.is_alternative then '*' else value.concept_code end as reading,
        bool_or(version.valid_to is null) over (
            partition by
                value.indicator_code, value.period_code, {{ breakdowns('value') | indent(16) }}, value.origin,
                case when concept.is_alternative then '*' else value.concept_code end
        ) as has_value_in_service
    from {{ ref('fct_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    inner join {{ ref('indicator_value_versions') }} as version
        on
            value.indicator_code = version.indicator_code
            and value.period_code = version.period_code
            and {{ same_breakdowns('value', 'version') | indent(12) }}
            and value.concept_code = version.concept_code
            and value.origin = version.origin
            and value.publisher_code = version.publisher_code
            and value.published_on = version.published_on
            and value.delivery_id = version.delivery_id
) as value
group by indicator_code, period_code, {{ breakdowns() }}, reading, origin
having count(*) filter (where is_current) != case when bool_or(has_value_in_service) then 1 else 0 end

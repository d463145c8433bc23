-- Two parts of one printed total that share a country would be counted twice: Africa beside one of its countries, the
-- European Union beside a member, a region beside one of its cercles.
{% for dimension in ['area_code', 'counterpart_area_code'] %}
select
    one.indicator_code,
    one.period_code,
    one.publisher_code,
    '{{ dimension }}' as summed_over,
    one.{{ dimension }} as part,
    other.{{ dimension }} as overlapping_part
from {{ ref('fct_indicator_values') }} as one
inner join {{ ref('dim_indicator') }} as indicator
    on one.indicator_code = indicator.indicator_code and indicator.sums_over ? '{{ dimension }}'
inner join {{ ref('fct_indicator_values') }} as other
    on
        one.indicator_code = other.indicator_code
        and one.period_code = other.period_code
        and one.publisher_code = other.publisher_code
        and one.concept_code = other.concept_code
        and one.origin = other.origin
        and one.sector_code = other.sector_code
        and one.funder_code = other.funder_code
        and one.sex_code = other.sex_code
        and one.{{ 'counterpart_area_code' if dimension == 'area_code' else 'area_code' }}
        = other.{{ 'counterpart_area_code' if dimension == 'area_code' else 'area_code' }}
        and one.{{ dimension }} < other.{{ dimension }}
where
    one.is_current
    and other.is_current
    and one.{{ dimension }} not in ('_T', 'WLD', 'MLI')
    and other.{{ dimension }} not in ('_T', 'WLD', 'MLI')
    and {{ areas_overlap('one.' ~ dimension, 'other.' ~ dimension, 'one.period_end') }}
{{ 'union all' if not loop.last }}
{% endfor %}

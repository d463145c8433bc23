{#-
    Figures of a dataset that names its series by a code: the seed series_measures says what each series measures, in
    which unit and under which concept; a series that it does not name gives no figure. `series_code` is the expression
    that the seed's code is compared with; `where_series` narrows the match further (the unit as printed, the label).
    Where a source prints no status, its values are taken as actual. A file of all countries gives Mali's figures only, unless
    `areas` names others or is none.
-#}
{% macro figures_of_series(
    staging_model,
    series_code='record.series_code',
    where_series='true',
    area_code='record.area_code',
    counterpart_area_code="'_T'",
    obs_status="'A'",
    areas=['MLI']
) -%}
select
    series.measure_code,
    record.period_code,
    {{ area_code }} as area_code,
    {{ counterpart_area_code }} as counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    series.concept_code,
    trim_scale(record.value * series.factor) as value,
    series.unit_code,
    '=' as qualifier,
    {{ obs_status }} as obs_status,
    {{ provenance('record') }}
from {{ ref(staging_model) }} as record
inner join {{ ref('series_measures') }} as series
    on
        record.dataset_code = series.dataset_code
        and {{ series_code }} = series.series_code
        and {{ where_series }}
where
    record.value is not null
    {%- if areas is not none %}
    and {{ area_code }} in ('{{ areas | join("', '") }}')
    {%- endif %}
{%- endmacro %}

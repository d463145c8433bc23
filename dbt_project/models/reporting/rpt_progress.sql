-- Progress towards the targets in French, one row per indicator that has a target.
select
    progress.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_code,
    axis.axis_name_fr,
    axis.axis_2020_name_fr,
    axis.axis_2025_name_fr,
    progress.base_year,
    progress.base_value,
    concat({{ french_number('progress.base_value', 'unit.decimals') }}, ' (' || progress.base_year || ')') as base_fr,
    progress.latest_period_code,
    period.name_fr as latest_period_name_fr,
    progress.latest_value,
    {{ french_qualified('progress.latest_value', 'unit.decimals') | indent(4) }} as latest_value_fr,
    {{ french_qualified('progress.latest_value', 'unit.decimals') | indent(4) }}
    || coalesce(' (' || period.name_fr || ')', '') as latest_fr,
    status.name_fr as latest_obs_status_name_fr,
    source.source_fr as latest_source_fr,
    progress.target_value,
    concat(
        case progress.target_qualifier when '>' then 'plus de ' when '<' then 'moins de ' end,
        {{ french_number('progress.target_value', 'unit.decimals') | indent(4) }}
    ) as target_value_fr,
    progress.target_year,
    concat(
        case progress.target_qualifier when '>' then 'plus de ' when '<' then 'moins de ' end,
        {{ french_number('progress.target_value', 'unit.decimals') | indent(4) }}, ' (' || progress.target_year || ')'
    ) as target_fr,
    progress.target_source_fr,
    progress.distance,
    {{ french_number('progress.distance', 'unit.decimals') }} as distance_fr,
    -- Two percentages are points apart.
    {{ french_number('progress.distance', 'unit.decimals') | indent(4) }}
    || ' '
    || case
        when progress.unit_code != 'PCT' then unit.name_fr
        when abs(progress.distance) < 2 then 'point'
        else 'points'
    end as distance_said_fr,
    unit.name_fr as unit_name_fr,
    progress.pace,
    {{ french_number('progress.pace', 2) }} as pace_fr,
    progress.status,
    case progress.status
        when 'reached' then 'Cible atteinte'
        when 'substantial' then 'Progrès suffisant'
        when 'moderate' then 'Progrès modéré'
        when 'limited' then 'Progrès insuffisant'
        when 'deterioration' then 'Éloignement de la cible'
        when 'not_computable' then 'Non calculable'
    end as status_name_fr,
    progress.light,
    case progress.light
        when 'green' then 'Vert'
        when 'amber' then 'Orange'
        when 'red' then 'Rouge'
        when 'grey' then 'Gris'
    end as light_name_fr,
    progress.projected_year,
    progress.reason_fr
from {{ ref('fct_progress') }} as progress
inner join {{ ref('dim_indicator') }} as indicator on progress.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on progress.indicator_code = axis.indicator_code
inner join {{ ref('dim_unit') }} as unit on progress.unit_code = unit.unit_code
left join {{ ref('dim_period') }} as period on progress.latest_period_code = period.period_code
left join {{ ref('qualifiers') }} as qualifier on progress.latest_qualifier = qualifier.code
left join {{ ref('dim_obs_status') }} as status on progress.latest_obs_status = status.obs_status
left join {{ ref('value_sources') }} as source
    on progress.latest_figure_ids = source.figure_ids and progress.latest_origin = source.origin
where progress.target_value is not null

{{ config(materialized='table') }}
{#-
    Which figure spoke for a quantity, and from when to when. Several publishers may carry the same quantity; a
    computed indicator takes, for each stretch of time, the one figure that `speaks_first` chooses, so that its
    operands were always in service together. One row per quantity × uninterrupted stretch.
-#}

with figure as (
    select
        figure.*,
        {{ precedence_columns() | indent(8) }},
        md5(concat_ws(
            '|', figure.measure_code, figure.period_code, {{ breakdowns('figure') | indent(12) }}, figure.concept_code
        )) as quantity_key
    from {{ ref('int_figures') }} as figure
    {{ join_precedence() | indent(4) }}
    where
        figure.is_in_measure_unit
        and figure.is_part is not true
        and (figure.valid_to is null or figure.valid_to > figure.published_on)
),

-- A choice can change only on a day when some figure of the quantity comes or goes.
turning_point as (
    select
        quantity_key,
        published_on as day
    from figure
    union
    select
        quantity_key,
        valid_to as day
    from figure
    where valid_to is not null
),

choice as (
    select
        turning_point.quantity_key,
        turning_point.day,
        figure.figure_id,
        row_number() over (
            partition by turning_point.quantity_key, turning_point.day
            order by {{ speaks_first() | indent(12) }}
        ) as place
    from turning_point
    left join figure
        on
            turning_point.quantity_key = figure.quantity_key
            and {{ known_on('figure', 'turning_point.day') }}
),

day_of_choice as (
    select
        quantity_key,
        day,
        figure_id,
        lead(day) over quantity as next_day,
        lag(figure_id) over quantity as figure_before
    from choice
    where place = 1
    window quantity as (partition by quantity_key order by day)
),

numbered as (
    select
        *,
        count(*) filter (where figure_id is distinct from figure_before) over (
            partition by quantity_key
            order by day
        ) as stretch_number
    from day_of_choice
),

stretch as (
    select
        figure_id,
        min(day) as in_force_from,
        nullif(max(coalesce(next_day, 'infinity')), 'infinity') as in_force_to
    from numbered
    where figure_id is not null
    group by quantity_key, figure_id, stretch_number
)

select
    figure.figure_id,
    figure.measure_code,
    figure.period_code,
    figure.period_start,
    figure.period_end,
    {{ breakdowns('figure') }},
    figure.concept_code,
    figure.value,
    figure.unit_code,
    figure.qualifier,
    figure.obs_status,
    figure.publisher_code,
    figure.delivery_id,
    figure.dataset_code,
    figure.record_locator,
    figure.record_literal,
    figure.figure_ids,
    stretch.in_force_from,
    stretch.in_force_to
from stretch
inner join figure on stretch.figure_id = figure.figure_id

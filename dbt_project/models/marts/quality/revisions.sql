{#-
    Every value that a later delivery replaced by another, withdrew, or brought back after it was withdrawn, and every
    one that it says of something else, or says otherwise: of another period, measure or country, as a forecast. A
    record whose value stayed while its label changed is no revision of a number.
-#}
{%- set of_what = ['measure_code', 'unit_code'] + (totals() | list) %}
{%- set said_as = ['concept_code', 'qualifier', 'obs_status'] %}
with ended as (
    select
        old.*,
        ender.edition as ender_edition,
        ender.published_on as ended_on
    from {{ ref('record_versions') }} as old
    inner join {{ source('meta', 'deliveries') }} as ender on old.ended_by_delivery_id = ender.delivery_id
),

restored as (
    -- What followed: the first version of the record that was published after its withdrawal.
    select distinct on (ended.dataset_code, ended.record_key, ended.ended_by_delivery_id)
        new.*,
        ended.ended_by_delivery_id as withdrawn_by_delivery_id,
        ended.ender_edition,
        ended.ended_on
    from ended
    inner join {{ ref('record_versions') }} as new
        on
            ended.dataset_code = new.dataset_code
            and ended.record_key = new.record_key
            and (new.published_on, new.delivery_id) > (ended.ended_on, ended.ended_by_delivery_id)
    where ended.end_reason = 'withdrawn' and ended.value is not null
    order by
        ended.dataset_code, ended.record_key, ended.ended_by_delivery_id, new.published_on, new.delivery_id
),

revised as (
    select
        old.dataset_code,
        old.series_key,
        old.period_code,
        old.figure_id,
        new.figure_id as new_figure_id,
        new.period_code as new_period_code,
        old.end_reason as kind,
        old.value as old_value,
        new.value as new_value,
        old.delivery_id as old_delivery_id,
        old.edition as old_edition,
        old.published_on as old_published_on,
        old.record_locator as old_locator,
        old.record_literal as old_literal,
        old.ended_by_delivery_id as new_delivery_id,
        old.ender_edition as new_edition,
        new.record_locator as new_locator,
        new.record_literal as new_literal,
        old.ended_on as published_on
    from ended as old
    left join {{ ref('record_versions') }} as new
        on
            old.dataset_code = new.dataset_code
            and old.record_key = new.record_key
            and old.ended_by_delivery_id = new.delivery_id
    where coalesce(old.value, new.value) is not null
    union all
    select
        dataset_code,
        series_key,
        period_code,
        figure_id,
        figure_id as new_figure_id,
        period_code as new_period_code,
        'restored' as kind,
        null as old_value,
        value as new_value,
        withdrawn_by_delivery_id as old_delivery_id,
        ender_edition as old_edition,
        ended_on as old_published_on,
        null as old_locator,
        null as old_literal,
        delivery_id as new_delivery_id,
        edition as new_edition,
        record_locator as new_locator,
        record_literal as new_literal,
        published_on
    from restored
    where value is not null
)

select
    revised.dataset_code,
    revised.series_key,
    revised.period_code,
    figure.measure_code,
    figure.concept_code,
    figure.unit_code,
    revised.old_value,
    revised.new_value,
    changed.reclassified,
    revised.old_delivery_id,
    revised.old_edition,
    revised.old_published_on,
    revised.old_locator,
    revised.old_literal,
    revised.new_delivery_id,
    revised.new_edition,
    revised.new_locator,
    revised.new_literal,
    revised.published_on,
    case
        when revised.kind = 'replaced' and revised.old_value = revised.new_value then 'reclassified'
        else revised.kind
    end as kind,
    -- A difference between values of two periods, measures or countries says nothing.
    case
        when changed.is_of_something_else is not true then revised.new_value - revised.old_value
    end as delta,
    case
        when changed.is_of_something_else is not true
            then trim_scale(round((revised.new_value / nullif(revised.old_value, 0) - 1) * 100, 4))
    end as relative_delta_pct
from revised
left join {{ ref('int_figures') }} as figure on revised.figure_id = figure.figure_id
left join {{ ref('int_figures') }} as new_figure on revised.new_figure_id = new_figure.figure_id
cross join
    lateral (
        select
            jsonb_object_agg(code.code, jsonb_build_array(code.old, code.new)) as reclassified,
            bool_or(code.is_of_what) as is_of_something_else
        from (
            values
            ('period_code', revised.period_code, revised.new_period_code, true),
            {%- for column in of_what + said_as %}
            ('{{ column }}', figure.{{ column }}, new_figure.{{ column }}, {{ column in of_what }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as code (code, old, new, is_of_what)
        where revised.old_value is not null and revised.new_value is not null and code.old is distinct from code.new
    ) as changed
where revised.old_value is distinct from revised.new_value or changed.reclassified is not null

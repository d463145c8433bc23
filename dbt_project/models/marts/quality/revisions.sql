{#-
    Every value that a later delivery replaced by another, withdrew, or brought back after it was withdrawn. A record
    whose value stayed while its label changed is no revision of a number.
-#}
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
    where old.value is distinct from new.value
    union all
    select
        dataset_code,
        series_key,
        period_code,
        figure_id,
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
    revised.kind,
    revised.old_value,
    revised.new_value,
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
    revised.new_value - revised.old_value as delta,
    trim_scale(round((revised.new_value / nullif(revised.old_value, 0) - 1) * 100, 4)) as relative_delta_pct
from revised
left join {{ ref('int_figures') }} as figure on revised.figure_id = figure.figure_id

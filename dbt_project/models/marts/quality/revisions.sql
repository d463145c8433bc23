{#-
    Every value that a later delivery replaced by another, or withdrew. A record whose value stayed while its label
    changed is no revision of a number.
-#}
select
    old.dataset_code,
    old.series_key,
    old.period_code,
    figure.measure_code,
    figure.concept_code,
    figure.unit_code,
    old.end_reason as kind,
    old.value as old_value,
    new.value as new_value,
    old.delivery_id as old_delivery_id,
    old.edition as old_edition,
    old.published_on as old_published_on,
    old.record_locator as old_locator,
    old.record_literal as old_literal,
    ender.delivery_id as new_delivery_id,
    ender.edition as new_edition,
    new.record_locator as new_locator,
    new.record_literal as new_literal,
    ender.published_on,
    new.value - old.value as delta,
    trim_scale(round((new.value / nullif(old.value, 0) - 1) * 100, 4)) as relative_delta_pct
from {{ ref('record_versions') }} as old
inner join {{ source('meta', 'deliveries') }} as ender on old.ended_by_delivery_id = ender.delivery_id
left join {{ ref('record_versions') }} as new
    on
        old.dataset_code = new.dataset_code
        and old.record_key = new.record_key
        and old.ended_by_delivery_id = new.delivery_id
left join {{ ref('int_figures') }} as figure on old.figure_id = figure.figure_id
where old.value is distinct from new.value

{#-
    What each delivery did to the history of each series that it revised: how many of the periods known until then. A
    whole history that changes at once is a new base or method, not a correction.
-#}
with revised as (
    select
        dataset_code,
        series_key,
        new_delivery_id,
        new_edition,
        published_on,
        count(*) as periods_revised,
        count(*) filter (where kind = 'withdrawn') as periods_withdrawn,
        min(period_code) as first_period,
        max(period_code) as last_period,
        round(avg(relative_delta_pct), 4) as mean_relative_delta_pct
    from {{ ref('revisions') }}
    where kind != 'restored'  -- not among the periods known until then
    group by dataset_code, series_key, new_delivery_id, new_edition, published_on
),

known as (
    select
        revised.dataset_code,
        revised.series_key,
        revised.new_delivery_id,
        count(*) as periods_known
    from revised
    inner join {{ ref('record_versions') }} as version
        on
            revised.dataset_code = version.dataset_code
            and revised.series_key = version.series_key
            and (version.published_on, version.delivery_id) < (revised.published_on, revised.new_delivery_id)
    left join {{ source('meta', 'deliveries') }} as ender on version.ended_by_delivery_id = ender.delivery_id
    where
        ender.delivery_id is null
        or (ender.published_on, ender.delivery_id) >= (revised.published_on, revised.new_delivery_id)
    group by revised.dataset_code, revised.series_key, revised.new_delivery_id
)

select
    revised.*,
    known.periods_known,
    trim_scale(round(revised.periods_revised * 100.0 / known.periods_known, 2)) as periods_revised_pct,
    revised.periods_revised = known.periods_known and known.periods_known > 1 as is_whole_history
from revised
inner join known
    on
        revised.dataset_code = known.dataset_code
        and revised.series_key = known.series_key
        and revised.new_delivery_id = known.new_delivery_id

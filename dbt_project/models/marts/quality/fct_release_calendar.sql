{{ config(materialized='view') }}
{#-
    What each dataset should have published by its contract's calendar, and what it did. A view, because it changes
    from day to day without a build; it reads the ledger's own tables only.

    The calendar of a dataset begins with the newest period of its first delivery: what that brought of the years before was
    never late. A period passed over for a newer one is missed; only what nothing newer replaces is late.
-#}
with calendar as (
    select
        dataset_code,
        contract -> 'calendar' ->> 'frequency' as frequency,
        (contract -> 'calendar' ->> 'lag_days')::integer as lag_days,
        (contract -> 'calendar' ->> 'tolerance_days')::integer as tolerance_days,
        case contract -> 'calendar' ->> 'frequency'
            when 'A' then interval '1 year'
            when 'S' then interval '6 months'
            when 'Q' then interval '3 months'
            when 'M' then interval '1 month'
            when 'D' then interval '1 day'
        end as step
    from {{ source('meta', 'datasets') }}
),

accepted as (
    select
        delivery_id,
        dataset_code,
        edition,
        published_on,
        fetched_at::date as received_on,
        row_number() over (partition by dataset_code order by published_on, delivery_id) as place
    from {{ source('meta', 'deliveries') }}
    where status = 'accepted'
),

answered as (
    {{ answered_periods(ref('record_versions')) | indent(4) }}
),

opening as (
    select
        answered.dataset_code,
        max(answered.period_end) as newest_end
    from answered
    inner join accepted on answered.delivery_id = accepted.delivery_id and accepted.place = 1
    group by answered.dataset_code
),

period as (
    select
        calendar.dataset_code,
        calendar.frequency,
        calendar.lag_days,
        calendar.tolerance_days,
        {{ calendar_period('calendar.frequency', 'first_day.day') | indent(8) }} as period_code,
        first_day.day::date as period_start,
        (first_day.day + calendar.step)::date - 1 as period_end
    from calendar
    inner join opening on calendar.dataset_code = opening.dataset_code
    cross join
        lateral generate_series(
            date_trunc('year', opening.newest_end::timestamp), {{ today() }}::timestamp, calendar.step
        ) as first_day (day)
    where
        calendar.step is not null
        and (first_day.day + calendar.step)::date > opening.newest_end
        and (first_day.day + calendar.step)::date - 1 < {{ today() }}
),

expected as (
    select
        period.dataset_code,
        period.frequency,
        period.period_code,
        period.period_start,
        period.period_end,
        period.period_end + period.lag_days as expected_on,
        period.period_end + period.lag_days + period.tolerance_days as late_after
    from period
    union all
    -- No period to expect: a year (lag_days) after the last publication, somebody should ask.
    select
        calendar.dataset_code,
        calendar.frequency,
        null as period_code,
        null as period_start,
        null as period_end,
        max(accepted.published_on) + calendar.lag_days as expected_on,
        max(accepted.published_on) + calendar.lag_days + calendar.tolerance_days as late_after
    from calendar
    inner join accepted on calendar.dataset_code = accepted.dataset_code
    where calendar.frequency = 'irregular'
    group by calendar.dataset_code, calendar.frequency, calendar.lag_days, calendar.tolerance_days
),

received as (
    select distinct on (expected.dataset_code, expected.period_code)
        expected.dataset_code,
        expected.period_code,
        accepted.delivery_id,
        accepted.edition,
        accepted.published_on,
        accepted.received_on
    from expected
    inner join answered
        on
            expected.dataset_code = answered.dataset_code
            and answered.period_end between expected.period_start and expected.period_end
    inner join accepted on answered.delivery_id = accepted.delivery_id
    order by expected.dataset_code, expected.period_code, accepted.published_on, accepted.delivery_id
),

newest_received as (
    select
        dataset_code,
        max(period_end) as period_end
    from answered
    group by dataset_code
),

judged as (
    select
        expected.*,
        received.delivery_id,
        received.edition,
        received.published_on,
        received.received_on,
        case
            when received.published_on > expected.late_after then 'received late'
            when received.published_on is not null then 'received'
            when newest_received.period_end > expected.period_end then 'missed'
            when {{ today() }} > expected.late_after then 'late'
            else 'expected'
        end as status
    from expected
    left join received
        on expected.dataset_code = received.dataset_code and expected.period_code = received.period_code
    left join newest_received on expected.dataset_code = newest_received.dataset_code
)

select
    dataset_code,
    frequency,
    period_code,
    period_start,
    period_end,
    expected_on,
    late_after,
    status,
    case status
        when 'received' then 'Reçu'
        when 'received late' then 'Reçu en retard'
        when 'missed' then 'Manqué'
        when 'late' then 'En retard'
        when 'expected' then 'Attendu'
    end as status_fr,
    case
        when published_on is not null then published_on - expected_on
        when status = 'late' then {{ today() }} - expected_on
    end as delay_days,
    delivery_id,
    edition,
    published_on,
    received_on
from judged

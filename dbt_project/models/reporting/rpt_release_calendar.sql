{{ config(materialized='view') }}
{#- The release calendar in French. A view, as the calendar is: what is late changes from day to day without a build. -#}
select
    calendar.dataset_code,
    dataset.title_fr as dataset_name_fr,
    publisher.label_fr as publisher_name_fr,
    case calendar.frequency
        when 'A' then 'Annuelle'
        when 'S' then 'Semestrielle'
        when 'Q' then 'Trimestrielle'
        when 'M' then 'Mensuelle'
        when 'D' then 'Quotidienne'
        else 'Irrégulière'
    end as frequency_fr,
    calendar.period_code,
    coalesce(
        {{ french_period('calendar.period_code') | indent(8) }}, 'Prochaine édition'
    ) as period_name_fr,
    extract(year from calendar.period_end)::integer as year,
    calendar.expected_on,
    {{ french_date('calendar.expected_on') }} as expected_on_fr,
    {{ french_date('calendar.late_after') }} as late_after_fr,
    calendar.status,
    calendar.status_fr as status_name_fr,
    calendar.delay_days,
    case
        when calendar.delay_days > 0 then {{ counted('calendar.delay_days', 'jour de retard', 'jours de retard') | indent(8) }}
        when calendar.delay_days < 0 then {{ counted('-calendar.delay_days', 'jour d’avance', 'jours d’avance') | indent(8) }}
        when calendar.delay_days = 0 then 'Le jour dit'
    end as delay_fr,
    calendar.edition,
    {{ french_dated('calendar.published_on') }} as published_on_fr
from {{ ref('fct_release_calendar') }} as calendar
inner join {{ source('meta', 'datasets') }} as dataset on calendar.dataset_code = dataset.dataset_code
inner join {{ labels_of(ref('publishers')) }} as publisher (code, label_fr) on dataset.publisher_code = publisher.code

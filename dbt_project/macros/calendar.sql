{#- The day on which a calendar is read; a unit test fixes it. -#}
{% macro today() -%}
current_date
{%- endmacro %}

{#- Code of the period of a frequency (A, S, Q, M, D) that begins on a day. -#}
{% macro calendar_period(frequency, day) -%}
case {{ frequency }}
    when 'A' then to_char({{ day }}, 'YYYY')
    when 'S' then to_char({{ day }}, 'YYYY') || case when extract(month from {{ day }}) = 1 then '-S1' else '-S2' end
    when 'Q' then to_char({{ day }}, 'YYYY"-Q"Q')
    when 'M' then to_char({{ day }}, 'YYYY-MM')
    when 'D' then to_char({{ day }}, 'YYYY-MM-DD')
end
{%- endmacro %}

{#- Whether a delivery's edition is a period of its calendar's length; `delivery` and `dataset` are rows of the ledger. -#}
{% macro edition_names_its_period() -%}
coalesce(
    case dataset.contract -> 'calendar' ->> 'frequency'
        when 'A' then delivery.edition ~ '^\d{4}$'
        when 'Q' then delivery.edition ~ '^\d{4}-[QT][1-4]$'
        when 'M' then delivery.edition ~ '^\d{4}-\d{2}$'
    end, false
)
{%- endmacro %}

{#-
    Last days of the periods that each accepted delivery answers for (dataset_code, delivery_id, period_end): the one that
    its edition names (2026-T1), or else those that its records end in, once they are over; a forecast answers for nothing.
    `versions` are the rows of record_versions.
-#}
{% macro answered_periods(versions) -%}
select
    delivery.dataset_code,
    delivery.delivery_id,
    {{ period_end("replace(delivery.edition, '-T', '-Q')") | indent(4) }} as period_end
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
where
    delivery.status = 'accepted'
    and {{ edition_names_its_period() | indent(8) }}
union
select
    delivery.dataset_code,
    delivery.delivery_id,
    {{ period_end('version.period_code') | indent(4) }} as period_end
from (
    select distinct
        delivery_id,
        period_code
    from {{ versions }} as every_version
) as version
inner join {{ source('meta', 'deliveries') }} as delivery on version.delivery_id = delivery.delivery_id
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
where
    delivery.status = 'accepted'
    and not {{ edition_names_its_period() | indent(8) }}
    and {{ period_end('version.period_code') | indent(4) }} < delivery.published_on
{%- endmacro %}

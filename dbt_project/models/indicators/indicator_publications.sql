{#-
    When each indicator had an observed value, and until when: one row per value ever in service. A forecast or an
    announcement is no observation. The indicator that counts the others is not among them.
-#}
{%- for indicator_model in indicator_models() if indicator_model != 'pon_6_03' %}
select
    '{{ indicator_code(indicator_model) }}' as indicator_code,
    published_on,
    valid_to,
    delivery_id
from {{ ref(indicator_model) }}
where obs_status != 'F'
{{ 'union all' if not loop.last }}
{%- endfor %}

{#- A value that is shown is a number, zero included; one that is not is confidential or missing, and says why. -#}
{% test every_state_agrees_with_its_value(model) %}
select *
from {{ model }}
where
    (value is null) != (state in ('no_data', 'confidential'))
    or (state = 'zero') != coalesce(value = 0, false)
    or (value is null) != (reason_fr is not null)
{% endtest %}

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

{#- Says each identity that fails in the log of the build; one that nobody has acknowledged yet is said loudly. -#}
{% macro say_identities_that_fail(checks) -%}
    {%- if execute -%}
        {%- set failing -%}
            select identity_code, verdict_fr, title_fr, left_value, relation, right_value, who_fixes, is_new_failure
            from {{ checks }}
            where fails
            order by is_new_failure desc, identity_code
        {%- endset -%}
        {%- for row in run_query(failing).rows -%}
            {%- do log(
                ("WARNING NOUVELLE IDENTITÉ EN DÉFAUT " if row[7] else "identité en défaut, déjà connue : ")
                ~ row[0] ~ " (" ~ row[1] ~ ") " ~ row[2] ~ " : " ~ row[3] ~ " " ~ row[4] ~ " " ~ row[5]
                ~ " ; à corriger par : " ~ row[6],
                info=true
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    select 1
{%- endmacro %}

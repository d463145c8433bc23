{#-
    The indicators' YAML entries (config.meta), as rows. They live in dbt's own graph, so the entry that documents an
    indicator is also the row of the catalogue: nothing is written twice.
-#}
{% macro catalogue() -%}
    {%- set entries = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='name') -%}
            {%- if node.resource_type == 'model' and node.name in indicator_models() -%}
                {%- do entries.append(node.config.meta) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
jsonb_to_recordset('{{ tojson(entries) | replace("'", "''") }}'::jsonb) as entry (
        code text, name_fr text, name_en text, definition_fr text, formula_fr text, unit_code text, direction text,
        sign text, numerator_fr text, denominator_fr text, sources jsonb, frequency text, breakdowns jsonb,
        sums_over jsonb, axes jsonb, breaks jsonb, treatment_fr text, limits_fr text, responsible_fr text,
        sdg text, gcm text, validation_fr text, baseline jsonb, targets jsonb, no_value_reason_fr text
    )
{%- endmacro %}

{#- PON-1-11 for pon_1_11: the file's name is the indicator's code. -#}
{% macro indicator_code(model_name) -%}
{{ model_name | upper | replace('_', '-') }}
{%- endmacro %}

{#-
    The labels of a seed written into the statement, as rows (code, label_fr). For the one view that outlives builds:
    it must not be dropped with the seed's table, which is created anew each time.
-#}
{% macro labels_of(seed, columns=['code', 'label_fr']) -%}
    {%- set labels = [] -%}
    {%- if execute -%}
        {%- for row in run_query("select " ~ columns | join(', ') ~ " from " ~ seed ~ " order by 1").rows -%}
            {%- set quoted = [] -%}
            {%- for text in row -%}{%- do quoted.append("'" ~ (text | replace("'", "''")) ~ "'") -%}{%- endfor -%}
            {%- do labels.append("(" ~ quoted | join(', ') ~ ")") -%}
        {%- endfor -%}
    {%- endif -%}
(values {{ labels | join(', ') if labels else "(" ~ (["null::text"] * columns | length) | join(', ') ~ ")" }})
{%- endmacro %}

{#-
    What every staged row says of itself: the delivery that brought it, when that was published, when and why
    it stopped being in service. A figure is in service from `published_on` until `valid_to` (null: still).
-#}
{% macro ledger_columns() -%}
    delivery.dataset_code || '#' || record.row_id as figure_id,
    record.record_kind,
    record.record_locator,
    record.record_literal,
    delivery.delivery_id,
    delivery.dataset_code,
    delivery.edition,
    dataset.publisher_code,
    delivery.published_on,
    ender.published_on as valid_to,
    record.end_reason,
    record.ended_by_delivery_id is null as is_in_service
{%- endmacro %}

{#- Rows brought by accepted deliveries, all versions: a refused or unjudged delivery is invisible here. -#}
{% macro from_accepted(dataset_relation) -%}
from {{ dataset_relation }} as record
inner join {{ source('meta', 'deliveries') }} as delivery
    on record.delivery_id = delivery.delivery_id and delivery.status = 'accepted'
inner join {{ source('meta', 'datasets') }} as dataset
    on delivery.dataset_code = dataset.dataset_code
left join {{ source('meta', 'deliveries') }} as ender
    on record.ended_by_delivery_id = ender.delivery_id
{%- endmacro %}

{#-
    The ledger columns that a figure carries from its staging view to the marts. `publisher` names the column that says
    whose figure it is, where a dataset quotes others.
-#}
{% macro provenance(row, publisher='publisher_code') -%}
    {{ row }}.figure_id,
    {{ row }}.{{ publisher }} as publisher_code,
    {{ row }}.published_on,
    {{ row }}.valid_to,
    {{ row }}.delivery_id,
    {{ row }}.dataset_code,
    {{ row }}.record_locator,
    {{ row }}.record_literal
{%- endmacro %}

{#-
    What is said of a delivery, but nothing of persons: their number of rows may be the very count that is suppressed, and
    their file may be named after one of them and grows with their number. Needs `dataset`, the row of meta.datasets.
-#}
{% macro unless_of_persons(column) -%}
case when dataset.contract ->> 'personal' is null then {{ column }} end
{%- endmacro %}

{#- Why a delivery was refused or failed; of persons only that it was, for a reason may count them. Needs `dataset` too. -#}
{% macro reason_of_delivery(column) -%}
case
    when dataset.contract ->> 'personal' is null then {{ column }}
    when {{ column }} is not null then 'Données sur des personnes : le motif est dit à l’institution seule.'
end
{%- endmacro %}

{{ config(materialized='incremental') }}
{#-
    The cells of `int_person_cells` as they may be shown, written by `methods/disclosure.py` after this step: `persons`
    is empty where `conf_status` is C (a cell under the threshold) or D (a cell that would give one away). dbt makes the
    table once and leaves it alone: where the method has not run nothing is shown, however many persons there are.
-#}
select
    cell.*,
    cell.persons as counted,
    null::text as conf_status,
    null::integer as threshold
from {{ ref('int_person_cells') }} as cell
where false

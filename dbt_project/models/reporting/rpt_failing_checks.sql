{{ config(materialized='view') }}
{#-
    What the checks of the marts found at the last run, in French, and who repairs it: what stops nobody's figures must be
    seen. A view on the ledger itself, like rpt_deliveries: the checks of a build are written once it is over.
-#}
select
    result.check_name,
    result.expected as expected_fr,
    result.observed as observed_fr,
    result.checked_at,
    case when result.subject like 'pon\_%' then upper(replace(result.subject, '_', '-')) end as indicator_code,
    {{ who_fixes_words('result.who_fixes') }} as who_fixes_fr,
    {{ french_date('result.checked_at::date') }} as checked_on_fr
from {{ source('meta', 'check_results') }} as result
where
    result.checker = 'dbt'
    and not result.passed
    and result.checked_at = (
        select run.finished_at
        from {{ source('meta', 'transform_runs') }} as run
        order by run.transform_run_id desc
        limit 1
    )

-- Every identity that fails, those that nobody has acknowledged yet first.
select
    is_new_failure,
    identity_code,
    verdict,
    title_fr,
    left_value,
    relation,
    right_value,
    difference,
    evidence_fr,
    who_fixes
from {{ ref('fct_identity_checks') }}
where fails
order by is_new_failure desc, identity_code

select *
from {{ ref('fct_person_counts') }}
where (persons is null) != (conf_status = 'C') or persons < {{ var('disclosure_threshold') }}

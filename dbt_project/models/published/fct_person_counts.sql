{#-
    The counts of persons that may be shown. C and D are one status here: who could tell a small count (C) from one that
    only protects it (D) would know that the first is under the threshold, and more than the protection allows for.
-#}
select
    family_code,
    year,
    period_code,
    region_code,
    cercle_code,
    sector_code,
    sex_code,
    counterpart_area_code,
    persons,
    threshold,
    case when conf_status = 'F' then 'F' else 'C' end as conf_status
from {{ ref('int_protected_cells') }}

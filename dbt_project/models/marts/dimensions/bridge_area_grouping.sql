-- Which area belonged to which grouping, and when: Mali is in UEMOA, and was in CEDEAO until January 2025.
select
    member_code as area_code,
    grouping_code,
    valid_from,
    valid_to,
    is_verified,
    source_fr
from {{ ref('area_memberships') }}

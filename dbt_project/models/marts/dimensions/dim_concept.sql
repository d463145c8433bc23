select
    code as concept_code,
    label_fr as name_fr,
    label_en as name_en,
    description_fr,
    rank,
    is_alternative
from {{ ref('concepts') }}

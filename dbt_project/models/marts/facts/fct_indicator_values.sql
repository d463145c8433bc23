{{ config(
    contract={'enforced': true},
    post_hook=["{{ create_indicator_values_as_of(this) }}"],
) }}
with figure as (
    select
        *,
        valid_to is null as is_known
    from {{ ref('indicator_value_versions') }}
),

placed as (
    select
        figure.*,
        figure.is_known and {{ place_among_known() | indent(8) }} = 1 as is_current
    from figure
)

select
    {{ indicator_value_columns() | join(',\n    ') }}
from placed

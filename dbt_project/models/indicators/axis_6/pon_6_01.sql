{{ declared('malians_abroad') }}
union all
{{ declared('migrant_stock') }}

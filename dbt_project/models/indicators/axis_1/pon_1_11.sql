{{ declared('housing_share') }}
union all
{{ ratio('housing_allocated_abroad', 'housing_allocated', unit='PCT', times=100) }}

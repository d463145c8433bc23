{{ process_fact({
    'dwellings': 'housing_allocated',
    'dwellings_to_malians_abroad': 'housing_allocated_abroad',
    'declared_share_pct': 'housing_share',
}) }}

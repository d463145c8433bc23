{{ process_fact({
    'malians_abroad': 'malians_abroad',
    'persons_born_in_mali': 'migrant_stock',
}, by=['counterpart_area_code']) }}

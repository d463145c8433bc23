-- Populations originating from Mali, by the UNHCR's own population codes.
{{ figures_of_series('stg_international__unhcr_population', series_code='record.population_code') }}

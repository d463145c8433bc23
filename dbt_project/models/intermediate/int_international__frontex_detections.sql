-- Detections, not persons: one person may be detected several times. The printed total is a figure of its own.
{{ figures_of_series('stg_international__frontex_detections', series_code='record.route_label') }}

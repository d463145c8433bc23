"""Superset's settings for PONAM, and what they mend in it."""

LANDING_PAGE = "/superset/dashboard/ponam-vue-d-ensemble/"
"""Where whoever opens Superset lands, and the address that a run prints: the slug of the overview."""

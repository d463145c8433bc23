"""Superset's settings for PONAM, and what they mend in it."""

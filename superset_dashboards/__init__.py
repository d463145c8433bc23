"""Who sees what: dashboards, charts, data sets and roles as reviewed files, and their deployment."""

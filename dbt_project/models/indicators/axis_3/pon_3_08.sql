{{ declared('project_survival_rate') }}

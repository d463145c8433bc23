{{ declared('reintegration_projects') }}

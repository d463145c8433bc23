{{ ratio('reintegration_amount', 'reintegration_projects', unit='XOF_PER_PROJECT') }}

{{ ratio('reintegration_amount', 'jobs_created', unit='XOF_PER_JOB') }}

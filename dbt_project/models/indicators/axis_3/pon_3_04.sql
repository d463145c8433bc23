{{ declared('jobs_created') }}

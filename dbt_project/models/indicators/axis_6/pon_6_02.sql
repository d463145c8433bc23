{{ declared('studies_published') }}

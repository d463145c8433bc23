{{ declared('cofinanced_projects') }}

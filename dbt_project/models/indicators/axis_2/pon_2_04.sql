{{ declared('migration_policy_score') }}

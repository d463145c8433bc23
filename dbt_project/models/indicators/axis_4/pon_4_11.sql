{{ declared('tokten_missions') }}

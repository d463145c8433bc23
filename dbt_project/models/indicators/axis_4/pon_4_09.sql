{{ declared('tokten_new_experts') }}

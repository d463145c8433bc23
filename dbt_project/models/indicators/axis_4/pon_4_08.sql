{{ declared('tokten_experts') }}

"""What SQL cannot do: methods of a library over the marts, each a step of `infra.transform`.

A module has `main(connection) -> str`. It runs as ponam_transformer in one transaction, reads what the steps
before it built, writes only to the tables that `method_output` declares in `models/intermediate`, and returns
one sentence for the log. The models of `models/published` decide what of it anybody sees.
"""

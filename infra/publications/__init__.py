"""Bundled publications: real figures in the form in which each institution publishes, and how they arrive.

`python -m infra.publications` drops what institutions send into the inbox and serves the rest over HTTP;
`--build` writes the files again from `figures/`. See README.md for the citation of every figure.
"""

"""Benchmarks on synthetic data: `make bench-load`, `make bench-kill`; the test suite has no part of them."""

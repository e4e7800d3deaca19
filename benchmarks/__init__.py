"""Speed of each step of the path, beside a floor measured in the same run: ``python -m benchmarks``."""

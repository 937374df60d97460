"""What `python -m signcore benchmark` runs. `benchmarks.run` is the way in."""

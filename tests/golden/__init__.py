"""Values that PyTorch computed, and the scripts that made them; run as ``python -m golden.make_layers`` in tests/."""

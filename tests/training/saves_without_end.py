"""Saves a state of some megabytes again and again, until it is killed: python saves_without_end.py FOLDER."""

import sys
from pathlib import Path

import numpy as np

from zkynet.train.checkpoint_folder import keep, newest

folder = Path(sys.argv[1])
found = newest(folder)
step = 0 if found is None else found[1]["step"]
while True:
    step += 1
    keep(folder, step, {"step": step, "w": [np.full(250_000, step + k, "float32") for k in range(8)]}, 2)
    print(step, flush=True)

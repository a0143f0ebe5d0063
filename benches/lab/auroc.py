"""One scikit-learn call for each pair of a feature and a label.

    python auroc.py FOLDER POSITIONS LABEL…

FOLDER holds `activations` (float32, features × positions) and `labels` (4 × uint64 a position). Prints, as
JSON, `seconds` (of all calls together; arrays are laid out before) and `aurocs`, features × labels.
"""

import json
import pathlib
import sys
import time

import numpy as np
from sklearn.metrics import roc_auc_score

folder, positions, labels = pathlib.Path(sys.argv[1]), int(sys.argv[2]), [int(label) for label in sys.argv[3:]]
activations = np.fromfile(folder / "activations", "<f4").reshape(-1, positions)
words = np.fromfile(folder / "labels", "<u8").reshape(positions, 4)
holds = [(words[:, label // 64] >> np.uint64(label % 64) & np.uint64(1)).astype(bool) for label in labels]

roc_auc_score(holds[0], activations[0])  # warms up
start = time.perf_counter()
aurocs = [[float(roc_auc_score(truth, feature)) for truth in holds] for feature in activations]
seconds = time.perf_counter() - start
json.dump({"seconds": seconds, "aurocs": aurocs}, sys.stdout)

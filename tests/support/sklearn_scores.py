"""Writes tests/data/sklearn-scores.json: what scikit-learn says of random features with many ties.

    pip install numpy scikit-learn==1.9.1
    python tests/support/sklearn_scores.py > tests/data/sklearn-scores.json

tests/score.rs holds our figures against it.
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score, roc_curve

POSITIONS = 240
F1_LABELS = range(3, 256, 23)
ROC_LABELS = [5, 100, 201]


def features(rng):
    """Heavily tied in different ways; all of them float32."""
    n = POSITIONS
    sparse = np.where(rng.random(n) < 0.12, rng.exponential(size=n), 0)
    quantised = np.where(rng.random(n) < 0.3, rng.integers(1, 11, n) / 10, 0)
    signed = rng.integers(-3, 4, n) / 4
    distinct = rng.standard_normal(n)
    silent = np.zeros(n)
    return {
        name: values.astype(np.float32)
        for name, values in dict(
            sparse=sparse, quantised=quantised, signed=signed, distinct=distinct, silent=silent
        ).items()
    }


def number(value):
    return None if np.isnan(value) else float(value)


def scores(values, holds):
    """AUROC for every label, and precision, recall and F1 for some at thresholds 0, 0.1 … 1."""
    largest = max(float(values.max()), 0.0)
    active = [10 * values.astype(np.float64) > tenths * largest for tenths in range(11)]
    f1 = {}
    for label in F1_LABELS:
        rows = [
            precision_recall_fscore_support(holds[:, label], on, average="binary", zero_division=0.0)[:3]
            for on in active
        ]
        f1[label] = [[float(x) for x in row] for row in rows]
    roc = {}
    for label in ROC_LABELS:
        fpr, tpr, _ = roc_curve(holds[:, label], values, drop_intermediate=False)
        roc[label] = [[float(x), float(y)] for x, y in zip(fpr, tpr)]
    return {
        "values": [float(x) for x in values],
        "auroc": [number(roc_auc_score(holds[:, label], values)) for label in range(256)],
        "precision_recall_f1": f1,
        "roc": roc,
    }


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(3)
    # Labels of every frequency; the first always holds, the last never.
    holds = rng.random((POSITIONS, 256)) < np.linspace(0.02, 0.98, 256)[::-1]
    holds[:, 0], holds[:, 255] = True, False
    words = np.packbits(holds, axis=1, bitorder="little").view("<u8")
    data = {
        "scikit_learn": sklearn.__version__,
        "labels": [[int(word) for word in row] for row in words],
        "features": {name: scores(values, holds) for name, values in features(rng).items()},
    }
    json.dump(data, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()

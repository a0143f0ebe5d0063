"""Writes tests/data/sklearn-logistic.json: logistic regressions of scikit-learn, which the library's own
must equal. Needs numpy and scikit-learn 1.9.1.

    python tests/support/sklearn_logistic.py > tests/data/sklearn-logistic.json
"""

import json

import numpy
from sklearn.linear_model import LogisticRegression

random = numpy.random.default_rng(20260101)


def case(rows, columns, density, l2, separable):
    # Sparse and non-negative, as features are; multiples of 1/16, so that f32 holds them.
    x = numpy.round(16 * random.exponential(size=(rows, columns))) / 16
    x *= random.random(x.shape) < density
    score = x @ random.normal(size=columns) - 0.3
    y = score > 0 if separable else random.random(rows) < 1 / (1 + numpy.exp(-score))
    fit = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(x, y)
    return {
        "l2": l2,
        "columns": x.T.tolist(),
        "targets": y.tolist(),
        "coefficients": fit.coef_[0].tolist(),
        "intercept": fit.intercept_[0],
    }


cases = [
    case(60, 1, 0.5, 1.0, False),
    case(80, 4, 0.4, 1.0, False),
    case(100, 16, 0.2, 1.0, False),
    case(80, 8, 0.3, 0.01, True),
    case(40, 24, 0.3, 1.0, False),
]
print(json.dumps(cases, separators=(",", ":")))

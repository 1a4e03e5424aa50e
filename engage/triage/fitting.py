"""The arithmetic of setting weights: maximum a posteriori around those there are. It needs numpy.

Nothing that runs for a reporter imports it; `engage lexicon adjust` does when it is used. Categories are fitted first,
as a softmax of what the rules say. Severities are fitted on the category shares that each message gets from weights
fitted without it, since those are as unsure as the shares of a message that comes in tomorrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from engage.triage.weights import FOLDS, Fits, Rows, Track, Weights

_EVERYTHING = -1  # the fold that no message is in
# How hard each kind of weight is held to where it was, in shares of the ridge.
_START = 10.0  # moves every message: kept near, lest it only learns how often each category was collected
_SEVERITIES = 1.5  # four columns learn from as many messages as 23: they need more holding
_USUAL = 0.075  # every message speaks about these few, so they are free
_TEMPERATURE = 50.0  # one number for all messages: it takes some hundreds to move it far
_TEMPERATURES = tuple(step / 20 for step in range(12, 51))  # 0.6 to 2.5
_LEVELS = 4  # severities
_STEPS = 500  # of the minimiser, at the most

Floats = npt.NDArray[np.float64]


def solve(rows: Rows, prior: Weights, ridge: float, track: Track) -> Fits:
    """Fit all weights near the prior ones, without each fold in turn and on everything; the same rows, the same."""
    task = _Task(rows, prior, ridge)
    folds = [*range(FOLDS), _EVERYTHING]
    by_fold = {fold: task.categories(fold) for fold in track(folds, "fitting categories")}
    scores = task.leaning.copy()
    for fold in range(FOLDS):
        scores[task.folds == fold] += task.said[task.folds == fold] @ by_fold[fold]
    # Leanings stay as loud as they are, so rules beside them must, too.
    temperature = 1.0 if rows.given else _temperature(scores, task.category, ridge)
    shares = np.exp(_log_shares(scores / temperature))
    fits = []
    for fold in track(folds, "fitting severities"):
        fits.append(task.weights(by_fold[fold], temperature, task.severities(fold, shares)))
    return Fits(fits[:-1], fits[-1])


class _Task:
    """The rows and the prior weights as arrays; a start is the weight of a rule that speaks in every message."""

    def __init__(self, rows: Rows, prior: Weights, ridge: float) -> None:
        self.folds = np.array(rows.folds, dtype=int)
        self.counts = np.array(rows.counts, dtype=float)
        self.category = np.array(rows.categories, dtype=int)
        self.severity = np.array(rows.severities, dtype=int)
        self.rules = len(prior.categories)
        self.signals = _matrix(rows.strengths, self.rules)
        self.said = sparse.hstack([self.signals, np.ones((len(self.folds), 1))], format="csr")
        self.prior_categories = _stacked(prior.categories, [prior.start])
        self.prior_severities = _stacked(prior.severities, prior.usual)
        self.ridge = ridge
        self.leaning = _given([one.categories for one in rows.given], self.said.shape[0], len(prior.start))
        self.leaning_severities = _given([one.severities for one in rows.given], self.said.shape[0], _LEVELS)

    def categories(self, fold: int) -> Floats:
        """What the rules, and at last the start, say of every category, learnt without the fold."""
        held = np.full((self.rules + 1, 1), self.ridge)
        held[-1] *= _START
        apart = self.folds != fold
        given = self.leaning[apart]
        return _fitted(self.said[apart], self.category[apart], self.counts[apart], self.prior_categories, held, given)

    def severities(self, fold: int, shares: Floats) -> Floats:
        """What the rules, and then the shares of the categories, say of every severity, learnt without the fold."""
        held = np.full((len(self.prior_severities), 1), self.ridge * _SEVERITIES)
        held[self.rules :] = self.ridge * _USUAL
        apart = self.folds != fold
        said = sparse.hstack([self.signals[apart], shares[apart]], format="csr")
        given = self.leaning_severities[apart]
        return _fitted(said, self.severity[apart], self.counts[apart], self.prior_severities, held, given)

    def weights(self, categories: Floats, temperature: float, severities: Floats) -> Weights:
        """The arrays as a rule book knows them; what no message speaks about stays as it was."""
        rules = self.rules
        heard = self.said.count_nonzero(axis=0) > 0
        categories = categories / np.where(heard, temperature, 1.0)[:, None]
        return Weights(
            categories=categories[:rules].tolist(),
            start=categories[rules].tolist(),
            severities=severities[:rules].tolist(),
            usual=severities[rules:].tolist(),
        )


def _given(rows: Sequence[Sequence[float]], count: int, width: int) -> Floats:
    """What leanings say in every message; nothing where there are none."""
    return np.array(rows, dtype=float) if rows else np.zeros((count, width))


def _fitted(
    said: sparse.csr_array, right: npt.NDArray[np.int_], counts: Floats, prior: Floats, held: Floats, given: Floats
) -> Floats:
    """The weights under which the right columns are likeliest, less what it costs to leave the prior ones."""
    every = np.arange(len(right))
    turned = said.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(prior.shape)
        logs = _log_shares(said @ weights + given)
        missed = -float((counts * logs[every, right]).sum())  # @ would add up in as many parts as there are cores
        wrong = np.exp(logs)
        wrong[every, right] -= 1
        moved = weights - prior
        slope = turned @ (wrong * counts[:, None]) + 2 * held * moved
        return missed + float((held * moved * moved).sum()), slope.ravel()

    found = optimize.minimize(loss, prior.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    best: Floats = found.x.reshape(prior.shape)
    return best


def _temperature(scores: Floats, right: npt.NDArray[np.int_], ridge: float) -> float:
    """By what scores must be divided so that a share says how often it is right.

    Each message counts once here. A few easy messages must not make every finding sure, so it is held to 1, too.
    """
    every = np.arange(len(right))

    def surprise(temperature: float) -> float:
        said = float(_log_shares(scores / temperature)[every, right].sum())
        return ridge * _TEMPERATURE * math.log(temperature) ** 2 - said

    return min(_TEMPERATURES, key=surprise)


def _log_shares(scores: Floats) -> Floats:
    low = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = low - np.log(np.exp(low).sum(axis=1, keepdims=True))
    return logs


def _matrix(strengths: Sequence[Sequence[tuple[int, float]]], width: int) -> sparse.csr_array:
    """A row for each message, a column for each rule; sparse sums run in one order, so that results repeat exactly."""
    ends = np.cumsum([0, *map(len, strengths)])
    places = [place for row in strengths for place, _ in row]
    values = [strength for row in strengths for _, strength in row]
    return sparse.csr_array((values, places, ends), shape=(len(strengths), width), dtype=float)


def _stacked(rows: Sequence[Sequence[float]], more: Sequence[Sequence[float]]) -> Floats:
    return np.array([*rows, *more], dtype=float)

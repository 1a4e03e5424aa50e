"""The arithmetic of setting leanings: a softmax of rules and leanings, each held to nothing. Needs numpy.

Rules and leanings are fitted together, those of them that say next to nothing are struck out, and the rest are fitted
once more. Severities are fitted on shares from weights that were set without the message's writer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from engage.triage.leaning_setting import Sample, Setting, Settings
from engage.triage.rules import CATEGORIES, SEVERITIES
from engage.triage.weights import FOLDS, Track, Weights

_EVERYTHING = -1  # the fold that no message is in
# How hard each kind of weight is held to nothing.
_RULE, _START, _LEANING = 10.0, 20.0, 0.075
_SEVERITY_RULE, _SEVERITY_LEANING, _USUAL = 10.0, 0.2, 0.15
_LEAST = 0.05  # a leaning that moves a message of one word less than that is struck out
#: Writers whose words the lexicon knows look easier than those to come: scores are sharpened as far as messages of
#: writers who came after the lexicon bear it, which the folds cannot tell.
_TEMPERATURE = 0.7
_STEPS, _MORE_STEPS = 45, 20

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int_]


class Solver:
    """Sets weights from samples, and remembers the last ones: a sample that is much like the last is set sooner."""

    def __init__(self) -> None:
        self._last: tuple[Floats, Floats] | None = None
        self._shares: Floats | None = None

    def all(self, sample: Sample, rules: int, track: Track) -> Settings:
        """Set the weights without each fold in turn, and on everything."""
        task = _Task(sample, rules)
        fitted = {fold: task.categories(fold, None) for fold in track([*range(FOLDS), _EVERYTHING], "categories")}
        scores = np.zeros((len(task.folds), len(CATEGORIES)), np.float32)
        for fold in range(FOLDS):
            inside = task.folds == fold
            scores[inside] = task.said[inside] @ fitted[fold]
        self._shares = np.exp(_log_shares(scores / _TEMPERATURE))
        settings = []
        for fold in track([*range(FOLDS), _EVERYTHING], "severities"):
            severities = task.severities(fold, self._shares, None)
            settings.append(task.setting(fitted[fold], severities))
            self._last = fitted[fold], severities
        return Settings(settings[:-1], settings[-1])

    def whole(self, sample: Sample, rules: int, track: Track) -> Settings:
        """Set the weights on everything, beginning from the last ones."""
        task = _Task(sample, rules)
        if self._last is None or self._shares is None:
            return self.all(sample, rules, track)
        for _ in track([_EVERYTHING], "again, for the cases"):
            categories = task.categories(_EVERYTHING, self._last[0])
            severities = task.severities(_EVERYTHING, self._shares, self._last[1])
        self._last = categories, severities
        return Settings([], task.setting(categories, severities))


class _Task:
    """A sample as arrays: rules first, then leanings, then what stands in every message or its shares."""

    def __init__(self, sample: Sample, rules: int) -> None:
        self.rules = rules
        self.folds = np.array(sample.folds)
        self.counts = np.array(sample.counts, np.float32)
        self.category, self.severity = np.array(sample.categories), np.array(sample.severities)
        self.rarities = np.array(sample.rarities, np.float32)
        self.signals = sparse.hstack(
            [_matrix(sample.strengths, rules), _matrix(sample.leanings, len(sample.rarities))], format="csr"
        )
        self.said = _beside(self.signals, np.ones((len(self.folds), 1), np.float32))

    def categories(self, fold: int, begin: Floats | None) -> Floats:
        """What rules, leanings and the start say of every category, learnt without the fold."""
        held = self._held(_RULE, _LEANING, [_START])
        apart = self.folds != fold
        fit = _Fit(self.said[apart], self.category[apart], self.counts[apart], held, len(CATEGORIES))
        return self._in_two(fit, begin)

    def severities(self, fold: int, shares: Floats, begin: Floats | None) -> Floats:
        """What rules, leanings and the shares of categories say of every severity, learnt without the fold."""
        held = self._held(_SEVERITY_RULE, _SEVERITY_LEANING, [_USUAL] * len(CATEGORIES))
        apart = self.folds != fold
        said = _beside(self.signals[apart], shares[apart])
        return self._in_two(_Fit(said, self.severity[apart], self.counts[apart], held, len(SEVERITIES)), begin)

    def _in_two(self, fit: _Fit, begin: Floats | None) -> Floats:
        """Fit all, strike out what says next to nothing, and fit the rest."""
        if begin is None:
            begin = fit.best(np.zeros((len(fit.held), fit.columns), np.float32), None, _STEPS)
        kept = np.ones(begin.shape, bool)
        inside = slice(self.rules, self.rules + len(self.rarities))
        kept[inside] = np.abs(begin[inside]) * self.rarities[:, None] > _LEAST
        return fit.best(begin, kept, _MORE_STEPS)

    def _held(self, rule: float, leaning: float, rest: Sequence[float]) -> Floats:
        return np.array([rule] * self.rules + [leaning] * len(self.rarities) + list(rest), np.float32)

    def setting(self, categories: Floats, severities: Floats) -> Setting:
        """The arrays as a rule book and files of leanings know them."""
        rules, end = self.rules, self.rules + len(self.rarities)
        categories = categories / _TEMPERATURE
        weights = Weights(
            categories=categories[:rules].tolist(),
            start=categories[end].tolist(),
            severities=severities[:rules].tolist(),
            usual=severities[end:].tolist(),
        )
        both = np.hstack([categories[rules:end], severities[rules:end]])
        return Setting(weights, [{int(at): float(row[at]) for at in np.flatnonzero(row)} for row in both])


class _Fit:
    """One softmax to fit: what is said, which column is right, as how many messages it counts, and what holds it."""

    def __init__(self, said: sparse.csr_array, right: Places, counts: Floats, held: Floats, columns: int) -> None:
        self.said, self.turned = said, said.T.tocsr()
        self.right, self.counts, self.held, self.columns = right, counts, held, columns
        self.every = np.arange(len(right))

    def best(self, begin: Floats, kept: npt.NDArray[np.bool_] | None, steps: int) -> Floats:
        """The likeliest weights, less what it costs to leave nothing; only those that are kept, others are nothing."""
        scale = np.sqrt(2 * self.held)[:, None]  # so that all weights cost the same, which the minimiser likes
        places = np.arange(begin.size) if kept is None else np.flatnonzero(kept)
        scales = np.broadcast_to(scale, begin.shape).ravel()[places]

        def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            weights = np.zeros(begin.size, np.float32)
            weights[places] = flat / scales
            logs = _log_shares(self.said @ weights.reshape(begin.shape))
            missed = -float((self.counts * logs[self.every, self.right]).sum(dtype=np.float64))
            wrong = np.exp(logs)
            wrong[self.every, self.right] -= 1
            slope = (self.turned @ (wrong * self.counts[:, None])).ravel()[places]
            return missed + float((flat * flat).sum()) / 2, slope / scales + flat

        start = (begin.ravel()[places] * scales).astype(np.float64)
        found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 6})
        weights = np.zeros(begin.size, np.float32)
        weights[places] = found.x / scales
        return weights.reshape(begin.shape)


def _log_shares(scores: Floats) -> Floats:
    low = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = low - np.log(np.exp(low).sum(axis=1, keepdims=True))
    return logs


def _beside(said: sparse.csr_array, more: Floats) -> sparse.csr_array:
    return sparse.hstack([said, sparse.csr_array(more)], format="csr", dtype=np.float32)


def _matrix(strengths: Sequence[Sequence[tuple[int, float]]], width: int) -> sparse.csr_array:
    """A row for each message, a column for each rule or leaning."""
    ends = np.cumsum([0, *map(len, strengths)])
    places = [place for row in strengths for place, _ in row]
    values = [strength for row in strengths for _, strength in row]
    return sparse.csr_array((values, places, ends), shape=(len(strengths), width), dtype=np.float32)

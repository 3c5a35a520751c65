"""Metrics that accumulate over batches, devices and workers."""

from zkynet.metrics.accuracy import Accuracy, TopKAccuracy
from zkynet.metrics.averages import Mean, Perplexity
from zkynet.metrics.collection import MetricCollection
from zkynet.metrics.confusion import F1, ConfusionMatrix, Precision, Recall
from zkynet.metrics.metric import Metric
from zkynet.metrics.regression import MeanAbsoluteError, MeanSquaredError, R2Score, RootMeanSquaredError
from zkynet.metrics.translation import BLEU

__all__ = [
    "BLEU",
    "F1",
    "Accuracy",
    "ConfusionMatrix",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "MetricCollection",
    "Perplexity",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "TopKAccuracy",
]


def __dir__() -> list[str]:
    return __all__

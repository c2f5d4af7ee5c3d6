"""The names of objects that a model was fitted with and does not need for answers: folds, scores, random numbers.

Each name stands for an empty holder, as every name in a model file does.
"""

from churn.pickles.pickle_reader import Names
from churn.pickles.pickled_arrays import Holder


class Setting(Holder):
    """Stands in for an object that a model was fitted with, for the date of the fit, or for a set, as of columns."""


_NAMES = {
    "sklearn.model_selection._split": (
        "GroupKFold GroupShuffleSplit KFold LeaveOneOut LeavePOut PredefinedSplit RepeatedKFold "
        "RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit "
        "TimeSeriesSplit _CVIterableWrapper"
    ),
    "sklearn.metrics._scorer": "_PassthroughScorer _PredictScorer _ProbaScorer _Scorer _ThresholdScorer",
    "sklearn.metrics._classification": (
        "accuracy_score balanced_accuracy_score brier_score_loss cohen_kappa_score f1_score fbeta_score "
        "jaccard_score log_loss matthews_corrcoef precision_score recall_score"
    ),
    "sklearn.metrics._ranking": "average_precision_score roc_auc_score",
    "numpy.random": "__RandomState_ctor",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "builtins": "frozenset set",
    "__builtin__": "frozenset set",
    "datetime": "date datetime timedelta timezone",
}
SETTING_NAMES: Names = {(module, name): Setting for module, names in _NAMES.items() for name in names.split()}

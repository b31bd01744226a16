"""The metrics that may be chosen, each with its formula, its source and what it needs.

No choice is neutral: where base rates differ, calibration within groups and equal error rates cannot hold together
(Kleinberg et al. 2017; Chouldechova 2017). So a policy says which one it holds to, and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["ratio", "difference", "figure"]
Needs = Literal["decisions", "truth", "scores", "flips"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A `ratio` or `difference` compares the `shares` of a group with those of the reference and has an
    interval; a `figure` is reckoned for each group and set beside the reference's. `one_sided` harms in one direction
    only: a lower ratio."""

    id: str
    title: str
    formula: str
    source: str
    how: How
    needs: Needs = "decisions"
    shares: tuple[str, ...] = ()
    one_sided: bool = False


def _error(share: str, title: str, cells: str) -> Metric:
    formula = f"{share.upper()}_g / {share.upper()}_ref with {share.upper()} = {cells}"
    return Metric(
        f"{share}_ratio",
        f"{title} ratio",
        formula,
        "Saleiro et al. 2018 (Aequitas)",
        "ratio",
        "truth",
        (share,),
    )


_ALL = (
    Metric(
        "four_fifths",
        "Four-fifths rule",
        "r_g / max_h r_h, flagged below 4/5, compared in whole numbers",
        "29 CFR 1607.4(D)",
        "ratio",
        shares=("selection",),
        one_sided=True,
    ),
    Metric(
        "disparate_impact",
        "Disparate impact ratio",
        "r_g / r_ref",
        "Feldman et al., KDD 2015",
        "ratio",
        shares=("selection",),
    ),
    Metric(
        "statistical_parity",
        "Statistical parity difference",
        "r_g - r_ref",
        "Dwork et al., ITCS 2012",
        "difference",
        shares=("selection",),
    ),
    Metric(
        "equal_opportunity",
        "Equal opportunity difference",
        "TPR_g - TPR_ref",
        "Hardt, Price and Srebro, NIPS 2016",
        "difference",
        "truth",
        ("tpr",),
    ),
    Metric(
        "equalised_odds",
        "Equalised odds difference",
        "the larger of |TPR_g - TPR_ref| and |FPR_g - FPR_ref|",
        "Hardt, Price and Srebro, NIPS 2016",
        "difference",
        "truth",
        ("tpr", "fpr"),
    ),
    Metric(
        "average_odds",
        "Average odds difference",
        "((FPR_g - FPR_ref) + (TPR_g - TPR_ref)) / 2",
        "Bellamy et al. 2018 (AI Fairness 360)",
        "difference",
        "truth",
        ("fpr", "tpr"),
    ),
    Metric(
        "predictive_parity",
        "Predictive parity difference",
        "PPV_g - PPV_ref",
        "Chouldechova, Big Data 5 (2017)",
        "difference",
        "truth",
        ("ppv",),
    ),
    _error("fnr", "False negative rate", "FN/(FN+TP)"),
    _error("fpr", "False positive rate", "FP/(FP+TN)"),
    _error("for", "False omission rate", "FN/(FN+TN)"),
    _error("fdr", "False discovery rate", "FP/(FP+TP)"),
    Metric(
        "treatment_equality",
        "Treatment equality",
        "FN_g / FP_g beside FN_ref / FP_ref",
        "Berk et al., Sociological Methods & Research 50 (2021)",
        "figure",
        "truth",
    ),
    Metric(
        "calibration",
        "Calibration error in groups",
        "ECE_g = sum_b (n_b/n_g)·|acc_b - conf_b|, ten equal bins",
        "Naeini, Cooper and Hauskrecht, AAAI 2015",
        "figure",
        "scores",
    ),
    Metric(
        "balance_positive",
        "Balance for the favourable class",
        "E[z | y=1, g] beside E[z | y=1, ref]",
        "Kleinberg, Mullainathan and Raghavan, ITCS 2017",
        "figure",
        "scores",
    ),
    Metric(
        "balance_negative",
        "Balance for the unfavourable class",
        "E[z | y=0, g] beside E[z | y=0, ref]",
        "Kleinberg, Mullainathan and Raghavan, ITCS 2017",
        "figure",
        "scores",
    ),
    Metric(
        "theil",
        "Theil index",
        "(1/n)·sum (b_i/μ)·ln(b_i/μ), b_i = p_i - y_i + 1",
        "Speicher et al., KDD 2018",
        "figure",
        "truth",
    ),
    Metric(
        "flip_rate",
        "Counterfactual flip rate",
        "decisions that change when only the attribute changes / decisions tried",
        "Kusner et al., NIPS 2017 (the idea); Huang et al. 2020 for language models",
        "figure",
        "flips",
    ),
)
METRICS: dict[str, Metric] = {one.id: one for one in _ALL}
"""By id, in the order in which a report shows them."""

"""Funnels of published counts of authorities against known figures: ``python -m tests.support.published_funnels FILE``.

The file is a table (Parquet or CSV) of published counts: ``indicator``, ``year``, ``authority``, ``numerator`` and
``denominator`` (Department for Education, Children's Social Care Dashboard, Open Government Licence v3.0). Known are of each
indicator and year how many authorities take part, the common share, the over-dispersion, the variance between authorities,
and how many lie beyond the limits of 99.8 per cent. Every figure must agree to its last digit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from csc_data.statistics import Funnel, funnel
from csc_data.statistics.funnels import Limits

KNOWN: dict[tuple[str, int], dict[str, str]] = {
    ("re-referral", 2025): {
        "N": "153", "r": "142897", "n": "632828", "centre": "0.225807", "plain": "94.2288", "overdispersion": "29.6141",
        "between": "0.00175257", "out": "104 / 4 / 2", "out at 95": "116 / 27 / 16",
    },
    ("second plan", 2025): {
        "N": "151", "centre": "0.244611", "overdispersion": "3.9398", "between": "0.00181557", "out": "28 / 4 / 2",
    },
    ("3+ placements", 2025): {
        "N": "150", "r": "8495", "n": "81734", "centre": "0.103935", "overdispersion": "2.3910",
        "between": "0.00064747", "out": "19 / 3 / 6",
    },
    ("suitable accommodation 19 to 21", 2025): {
        "N": "149", "r": "33383", "n": "37754", "overdispersion": "4.4071", "between": "0.00340108", "out": "33 / 2 / 1",
    },
    ("children looked after", 2025): {
        "N": "151", "r": "81766", "n": "12181850", "overdispersion": "47.4706", "between": "0.00014553",
        "out": "105 / 4 / 5",
    },
    ("re-referral", 2024): {
        "N": "149", "overdispersion": "27.9723", "between": "0.00171929", "out": "98 / 3 / 3",
    },
    ("second plan", 2024): {
        "N": "150", "overdispersion": "2.9900", "between": "0.00124553", "out": "18 / 4 / 3",
    },
    ("3+ placements", 2024): {
        "N": "149", "overdispersion": "2.4688", "between": "0.00066582", "out": "18 / 2 / 3",
    },
    ("suitable accommodation 19 to 21", 2024): {
        "N": "151", "overdispersion": "5.2778", "between": "0.00454267", "out": "41 / 4 / 5",
    },
    ("children looked after", 2024): {
        "N": "152", "overdispersion": "52.8600", "between": "0.00016514", "out": "103 / 4 / 5",
    },
}  # fmt: skip
"""Figures worked out independently of this library, as written."""

LIMITS: tuple[Limits, ...] = ("raw", "additive", "multiplicative")


def figures(counts: pd.DataFrame) -> dict[str, str]:
    """The figures of one indicator and year, as text."""
    numerators, denominators = counts["numerator"].to_numpy(), counts["denominator"].to_numpy()
    ours, inner = (funnel(numerators, denominators, level=level) for level in (0.998, 0.95))
    kept = ~np.isnan(ours.distances)
    plain = float(np.mean((ours.distances / ours.errors)[kept] ** 2))
    return {
        "N": str(kept.sum()),
        "r": f"{numerators.sum():.0f}",
        "n": f"{denominators.sum():.0f}",
        "centre": f"{ours.centre:.6f}",
        "plain": f"{plain:.4f}",
        "overdispersion": f"{ours.overdispersion:.4f}",
        "between": f"{ours.between:.8f}",
        "out": _outside(ours),
        "out at 95": _outside(inner),
    }


def _outside(ours: Funnel) -> str:
    return " / ".join(str(int(ours.outside(limits).sum())) for limits in LIMITS)


def main(path: Path) -> int:
    """Compare every figure. The number of those that differ."""
    counts = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    by_key = dict(iter(counts.groupby(["indicator", "year"])))
    compared = wrong = 0
    for key, known in KNOWN.items():
        ours = figures(by_key[key])
        for name, figure in known.items():
            compared += 1
            if ours[name] != figure:
                wrong += 1
                sys.stdout.write(f"{key[0]} {key[1]}: {name} is {ours[name]}, known is {figure}\n")
    sys.stdout.write(f"{compared} figures of {len(KNOWN)} funnels compared, {wrong} differ.\n")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="CSV or Parquet")
    sys.exit(1 if main(parser.parse_args().file) else 0)

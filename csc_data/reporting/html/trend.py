"""What changed since an earlier run of the same return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc_data.analysis.comparison.compare import Rework, SubmissionChanges


@dataclass(frozen=True)
class Trend:
    """Issues of one rule before and now: those resolved, new and remaining."""

    code: str
    title: str
    before: int
    after: int
    resolved: int
    new: int
    remaining: int

    @property
    def change(self) -> int:
        """Issues more than before; fewer when negative."""
        return self.after - self.before


@dataclass(frozen=True)
class TrendView:
    """What the section on the earlier run shows. Rules that did not run both times have no trend."""

    by_rule: Mapping[str, Trend]
    before: int
    after: int
    resolved: int
    new: int
    remaining: int
    cleared: Sequence[Trend]
    appeared: Sequence[Trend]
    not_compared: Sequence[tuple[str, Sequence[str]]]
    warnings: Sequence[str]
    rework: Rework


def trend_view(comparison: SubmissionChanges) -> TrendView:
    """Arrange a comparison for reading."""
    trends = [
        Trend(*(row[name] for name in ("rule", "title", "before", "after", "resolved", "new", "remaining")))
        for row in comparison.rules.to_dict("records")
    ]
    sums = comparison.rules[["before", "after", "resolved", "new", "remaining"]].sum()
    return TrendView(
        by_rule={trend.code: trend for trend in trends},
        **{str(name): int(total) for name, total in sums.items()},
        cleared=[trend for trend in trends if trend.before and not trend.after],
        appeared=[trend for trend in trends if trend.after and not trend.before],
        not_compared=[
            (str(reason), group["rule"].tolist())
            for reason, group in comparison.not_compared.groupby("reason", sort=False)
        ],
        warnings=comparison.warnings,
        rework=comparison.rework,
    )

"""Statistics of counts, whatever is counted: rounding, medians of neighbours, intervals, comparisons, funnels, charts over
time, permutation tests.

Counts go in as whole numbers and stay whole until the last step. Shares are fractions of 1, not percentages, and a count
that is hidden or missing is NaN. Intervals are two-sided, of 95 per cent. A return holds everybody it is about, so an
interval does not speak of a sample: it says how much such a figure varies by chance from one year to the next.

``exact_poisson`` of 10 events and more needs SciPy, which the extra ``csc-data[statistics]`` brings.
"""

from csc_data.statistics.comparisons import SmallestDifference, newcombe, power, smallest_difference
from csc_data.statistics.control_charts import ControlChart, xmr
from csc_data.statistics.funnels import Funnel, funnel, rate_funnel
from csc_data.statistics.intervals import byar, exact_poisson, wilson
from csc_data.statistics.neighbours import neighbour_median
from csc_data.statistics.rounding import rounded

__all__ = [
    "ControlChart",
    "Funnel",
    "SmallestDifference",
    "byar",
    "exact_poisson",
    "funnel",
    "neighbour_median",
    "newcombe",
    "power",
    "rate_funnel",
    "rounded",
    "smallest_difference",
    "wilson",
    "xmr",
]

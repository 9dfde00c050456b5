"""The comparison of two submissions, and ``compare``, which makes it: the face over what changed and its writers."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

from csc_data.analysis.comparison.compare import Comparable, SubmissionChanges, compared
from csc_data.errors import sealed
from csc_data.files.writing import sparing


@dataclass(frozen=True, eq=False)
class Comparison(SubmissionChanges):
    """Two submissions of the same return side by side, and what can be written of them.

    Attributes as ``SubmissionChanges``.
    """

    def __repr__(self) -> str:
        return f"<Comparison of {self.rework.issues_resolved} issues resolved, {self.rework.issues_introduced} new>"

    @sealed
    def to_json(self, path: str | PathLike[str], *, include_values: bool = False) -> None:
        """Write the comparison under the published JSON Schema. Child by child only if asked for."""
        from csc_data.reporting.comparison import write_json

        with sparing(self.inputs):
            write_json(self, path, include_values=include_values)

    @sealed
    def to_csv(self, folder: str | PathLike[str]) -> None:
        """Write one CSV file a table into a folder, all or none. Three of them name children."""
        from csc_data.reporting.comparison import write_csv

        with sparing(self.inputs):
            write_csv(self, folder)


@sealed
def compare(a: Comparable, b: Comparable) -> Comparison:
    """Compare two submissions of the same return.

    Args:
        a: the earlier submission: a report, a saved run, or the path of one.
        b: the later one.

    Raises:
        UsageError: the two are not the same return: another collection, year or authority; or their children cannot be
            known to be the same, as they are pseudonymised under different keys.
        InputError: a saved run cannot be read.
    """
    return Comparison(**vars(compared(a, b)))

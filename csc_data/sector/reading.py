"""Reading exchange files of many authorities, or a store of submissions."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from csc_data.errors import sealed
from csc_data.sector.pooled import Sector


@sealed
def read_exchanges(
    source: str | PathLike[str] | Iterable[str | PathLike[str]], *, standard: str | None = None
) -> Sector:
    """Pool exchange files.

    Args:
        source: a folder (looked through with all within), a list of files, or the folder of a store.
        standard: the standard to keep, as "ssda903/2025-26", where the files are of several.

    Raises:
        UsageError: there are no files, or they are of several standards or periods and none was chosen.
        InputError: none of the files can be read.
    """
    raise NotImplementedError

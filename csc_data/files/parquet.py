"""Tables as Parquet: of the types that their columns are declared with, and of no others."""

from __future__ import annotations

from os import PathLike
from typing import IO

import pandas as pd
import pyarrow as pa

from csc_data.files.columns import Columns
from csc_data.files.identity import IDENTITY_COLUMNS, Identity


def write_parquet_table(
    frame: pd.DataFrame | pa.Table, columns: Columns, identity: Identity, target: str | PathLike[str] | IO[bytes]
) -> None:
    """Write a table with, at its end, the columns that say which run every row is of.

    Args:
        frame: the rows, with just these columns.
        columns: the columns of the table.
        identity: the run.
        target: where to write it.
    """
    import pyarrow.parquet as pq  # loaded only by whoever writes such files: it takes as long as many of our own modules

    made = frame.cast(columns.schema) if isinstance(frame, pa.Table) else columns.table(frame)
    known = IDENTITY_COLUMNS.repeated(identity.values(), made.num_rows)
    for name in IDENTITY_COLUMNS:
        made = made.append_column(name, known.column(name))
    # Without Arrow's own note of the types, which would tell a reader of dictionaries, and pandas' of its frame.
    pq.write_table(made, target, compression="zstd", store_schema=False)

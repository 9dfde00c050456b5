"""Reference data that a run used, kept in the store once a content, so that a later run can use the same."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.errors import InputError
from csc_data.reference.providers import Providers
from csc_data.store.layout import REFERENCE, Store
from csc_data.visible import printable_path

_VERSION = b"version"
_LISTS = ("placement_codes", "provider_codes")
_SCHEMA = pa.schema(
    [
        ("urn", pa.string()),
        ("placement_codes", pa.list_(pa.string())),
        ("provider_codes", pa.list_(pa.string())),
        ("closed", pa.timestamp("us")),
        ("postcode", pa.string()),
        ("authority_name", pa.string()),
        ("authority_of_setting", pa.string()),
        ("list", pa.string()),
    ]
)


def keep_providers(store: Store, given: Sequence[str | PathLike[str]]) -> Path:
    """The file of the store that holds the lists of providers, which is written if it is not there.

    Raises:
        InputError: the lists cannot be read.
        UsageError: the store cannot be written to.
    """
    providers = Providers.read(given)
    table = pa.Table.from_pandas(providers.entries, schema=_SCHEMA, preserve_index=False)
    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({_VERSION: providers.version.encode()}), target, compression="zstd")
    content = target.getvalue()
    path = store.folder / REFERENCE / "providers" / f"{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    if not path.exists():
        store.put_file(path, content)
    return path


def kept_providers(path: Path) -> Providers:
    """The lists of providers that a file of the store holds.

    Raises:
        InputError: it is damaged.
    """
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest()[:12] != path.stem:
            raise ValueError("changed")
        table = pq.read_table(pa.BufferReader(content))
        entries: pd.DataFrame = table.to_pandas()
        version = (table.schema.metadata or {})[_VERSION].decode()
    except (OSError, ValueError, KeyError, pa.ArrowException):
        raise InputError(f"{printable_path(path)} is damaged. Put it back from a copy of the store.") from None
    for name in _LISTS:
        entries[name] = entries[name].map(tuple)
    return Providers(entries, version)

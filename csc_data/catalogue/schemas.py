"""Schemas of standards as files: JSON Schema and Frictionless Table Schema of every table, and the data package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from csc_data.catalogue.json_schema import json_schemas, return_schema
from csc_data.catalogue.publishing import publish
from csc_data.catalogue.table_schema import data_package, table_schemas
from csc_data.declare.collection import Standard
from csc_data.files.writing import written_together


def write_schemas(folder: str | PathLike[str], standards: Sequence[Standard]) -> list[Path]:
    """Write the schemas of some standards, each into ``<collection>/<year>``, all or none, and return the paths.

    For every table ``<Table>.schema.json`` (JSON Schema of a row) and ``<Table>.table-schema.json`` (Frictionless), and
    once ``return.schema.json`` (a whole return as JSON) and ``datapackage.json`` (a whole return as CSV files).
    """
    with written_together():
        return [
            publish(Path(folder) / standard.collection.id / str(standard.version) / name, _text(schema))
            for standard in standards
            for name, schema in _files(standard)
        ]


def _files(standard: Standard) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, schema in json_schemas(standard).items():
        yield f"{table}.schema.json", schema
    for table, schema in table_schemas(standard).items():
        yield f"{table}.table-schema.json", schema
    yield "return.schema.json", return_schema(standard)
    yield "datapackage.json", data_package(standard)


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

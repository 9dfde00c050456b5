"""Payloads as they are handed about: the records of one or several files, read strictly, and batches of them, written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from csc_data.declare.collection import Standard
from csc_data.declare.json_form import JsonForm
from csc_data.errors import InputError, UsageError
from csc_data.files import limits
from csc_data.files.inputs import Inputs
from csc_data.files.json_text import NoJsonError, json_values, outline_of
from csc_data.files.limits import in_bytes
from csc_data.files.refusals import RefusedError
from csc_data.files.sources import JSON_ENDINGS, AnyPath, PassedOver, Refused, Source, open_sources, paths_of
from csc_data.files.writing import replacing
from csc_data.metadata.installed import collections
from csc_data.metadata.installed import standard as find_standard

Object: TypeAlias = dict[str, Any]
"""An object of a payload."""


@dataclass(frozen=True)
class Request:
    """The records of one file: the body of one request, if it is a list of no more than the receiver takes.

    ``number`` of a record is its place in the file.
    """

    file: str
    records: list[Any]


@dataclass(frozen=True)
class Payload:
    """Everything that was given, file by file."""

    requests: tuple[Request, ...]
    inputs: Inputs

    @property
    def records(self) -> Iterator[Any]:
        """The records of all files."""
        return (entry for request in self.requests for entry in request.records)


def standard_of_feed(name: str | None) -> Standard:
    """The standard called so, or the newest of the only collection that has a JSON form.

    Raises:
        UsageError: there is no such standard, it has no JSON form, or several collections have one.
    """
    if name is None:
        feeds = [entry for entry in collections().values() if entry.form(JsonForm)]
        if len(feeds) != 1:
            raise UsageError("Say which standard the payloads follow, with --standard.")
        return feeds[0].standard(feeds[0].versions[-1])
    chosen = find_standard(name)
    form_of(chosen)
    return chosen


def form_of(standard: Standard) -> JsonForm:
    """The JSON form of a standard.

    Raises:
        UsageError: it has none.
    """
    form = standard.collection.form(JsonForm)
    if form is None:
        raise UsageError(f"{standard.collection.title} has no JSON form.")
    return form


def read_payload(given: AnyPath | Iterable[AnyPath]) -> Payload:
    """Read the records of a payload: a list, one record a line, or a folder or zip of such files.

    Raises:
        UsageError: it is no path.
        InputError: a file cannot be read, or holds something else; every problem is listed.
    """
    paths = paths_of(given)
    requests, problems = [], []
    for entry in open_sources(paths):
        if isinstance(entry, PassedOver):
            continue
        if isinstance(entry, Refused):
            problems.append(f"{entry.name}: {entry.reason.words}.")
        elif Path(entry.name).suffix.lower() in JSON_ENDINGS:
            try:
                requests.append(Request(entry.name, _records(entry)))
            except NoJsonError as error:
                where = entry.name if error.line is None else f"{entry.name}, line {error.line}"
                problems.append(f"{where}: {error}.")
            except RefusedError as error:
                problems.append(f"{entry.name}: {error}.")
    if not requests and not problems:
        problems.append("No JSON file was found: a payload is a file that ends in .json or .jsonl.")
    if problems:
        raise InputError("\n".join(["The payload cannot be read:", *(f"  {entry}" for entry in problems)]))
    return Payload(tuple(requests), Inputs.of(paths))


def _records(source: Source) -> list[Any]:
    if source.size > limits.JSON_BYTES:
        most = in_bytes(limits.JSON_BYTES)
        raise NoJsonError(f"it has {in_bytes(source.size)}; at most {most} of JSON are read. Give it in parts")
    content = source.content
    outline_of(content)
    values = list(json_values(content))
    if len(values) == 1 and type(values[0]) is list:
        return values[0]
    if not values or any(type(entry) is not dict for entry in values):
        raise NoJsonError("a payload is a list of records, or one record a line")
    return values


def batches(records: Sequence[Object], form: JsonForm) -> list[list[Object]]:
    """Records in batches of no more than one request takes."""
    most = form.records.max_items or max(1, len(records))
    return [list(records[start : start + most]) for start in range(0, len(records), most)]


def write_batches(parts: Iterable[Sequence[Object]], folder: Path, name: str) -> list[Path]:
    """Write one file a batch, ``name-001.json`` and on; gives where they are."""
    written = []
    for number, batch in enumerate(parts, start=1):
        path = folder / f"{name}-{number:03d}.json"
        with replacing(path) as unfinished:
            unfinished.write_text(as_text(batch), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def as_text(records: Sequence[Any]) -> str:
    """A payload as text, one record a line within the list."""
    lines = (json.dumps(entry, ensure_ascii=False, separators=(", ", ": ")) for entry in records)
    inner = ",\n".join(lines)
    return f"[\n{inner}\n]\n" if records else "[]\n"


def counted(levels: Mapping[str, int]) -> str:
    """Numbers by table in words: "3 Episodes, 1 Plans"."""
    return ", ".join(f"{count:,} {table}" for table, count in levels.items() if count)

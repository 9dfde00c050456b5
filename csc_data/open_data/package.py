"""The files of a package of open data: data and metadata, guidance, and what other programs read of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csc_data.disclosure import Policy
from csc_data.errors import UsageError
from csc_data.files.writing import replacing, written_together
from csc_data.open_data.exact import Exact
from csc_data.open_data.layout import SYMBOLS
from csc_data.open_data.specs import Spec
from csc_data.open_data.writer import INTERNAL, OpenData
from csc_data.version import VERSION
from csc_data.visible import printable_path

_PACKAGE = "datapackage.json"
_TO_QUOTE = frozenset(',"\r\n')
_SYMBOLS = {
    "c": "confidential: hidden so that no small number can be worked out",
    "k": "not zero, but rounds to zero",
    "x": "not available: an authority is missing, or its return does not give the figure",
    "z": "not applicable: there is no such combination",
}
_NOT_OFFICIAL = "These are not official statistics. The authority that publishes them decides under which licence."


def files_of(spec: Spec, *, internal: bool) -> list[str]:
    """The names of the files of a package. Those of internal figures say so."""
    if internal:
        return [f"{spec.file}_internal.csv", "DATA-GUIDANCE_internal.md"]
    return [f"{spec.file}.csv", f"{spec.file}.meta.csv", "DATA-GUIDANCE.md", "csvw.json", _PACKAGE]


def ensure_own_folder(folder: str | PathLike[str], spec: Spec) -> None:
    """Refuse a folder that holds the package of another specification, which would lose its guidance.

    Raises:
        UsageError: it does.
    """
    path = Path(folder) / _PACKAGE
    try:
        held = json.loads(path.read_text(encoding="utf-8")).get("name")
    except FileNotFoundError:
        return
    except (OSError, ValueError, AttributeError):
        held = None
    if held != spec.file:
        raise UsageError(f"{printable_path(path)} is of other open data. Choose another folder for {spec.name}.")


def write_package(
    made: OpenData, exact: Exact, policy: Policy, folder: str | PathLike[str], gaps: Mapping[str, list[str]]
) -> list[Path]:
    """Write the files of a package, all or none.

    Args:
        made: the file of open data.
        exact: the counts that it was made from.
        policy: under which policy.
        folder: where to.
        gaps: by return, what was not checked of it.

    Returns:
        The files written.

    Raises:
        UsageError: the folder cannot be written to.
    """
    names = files_of(made.spec, internal=made.internal)
    guidance = "\n".join(_guidance(made, exact, policy, gaps)) + "\n"
    texts = [_csv(made.data), guidance]
    if not made.internal:
        texts = [_csv(made.data), _csv(made.meta), guidance, _json(_csvw(made)), _json(_frictionless(made))]
    paths = [Path(folder) / name for name in names]
    with written_together():
        for path, text in zip(paths, texts, strict=True):
            with replacing(path) as temporary:
                temporary.write_bytes(text.encode("utf-8"))
    return paths


def _csv(cells: pd.DataFrame) -> str:
    """A table of texts as CSV. A text is quoted once, however many rows have it."""
    columns = []
    for name in cells:
        codes, texts = pd.factorize(cells[name])
        columns.append([_quoted(str(name)), *np.array([_quoted(text) for text in texts], dtype=object)[codes]])
    return "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE & set(text) else text


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _guidance(made: OpenData, exact: Exact, policy: Policy, gaps: Mapping[str, list[str]]) -> Iterator[str]:
    spec = made.spec
    yield f"# {spec.title}"
    yield ""
    if made.internal:
        yield f"**{INTERNAL}**"
        yield ""
    for name, messages in gaps.items():
        yield f"**Not all of {name} was checked:** {' '.join(messages)}"
        yield ""
    yield spec.about
    yield ""
    yield _NOT_OFFICIAL
    yield ""
    yield "## Coverage"
    yield ""
    for year, (given, number) in made.coverage.items():
        whole = "" if given == number else "; so there are no figures of England (x)"
        yield f"* Year ending 31 March {year}: {given} of {number} authorities{whole}."
    reasons: dict[str, set[str]] = {}
    for (year, authority), texts in exact.not_known.items():
        for text in texts:
            reasons.setdefault(text, set()).add(f"{authority} {year}")
    for text, where in sorted(reasons.items()):
        yield f"* Not available for {', '.join(sorted(where))}: {text}."
    yield ""
    yield "## Method"
    yield ""
    yield f"* Made by csc-data {VERSION} from returns checked against {', '.join(exact.standards) or 'no standard'}."
    yield "* Figures of England and regions are sums of those of their authorities, where all of these are there."
    yield "* Percentages and rates are worked out from exact figures."
    if made.internal:
        yield "* No figure is rounded and none is hidden."
    else:
        yield f"* Disclosure control, policy {policy}."
        yield "* Then counts of England and regions are rounded to the nearest 10; parts may not add up to totals."
    yield "* A later release may revise these figures, as returns are corrected."
    yield ""
    yield "## Definitions"
    yield ""
    for name, definition in (exact.definitions or {}).items():
        yield f"* `{name}`: {' '.join(definition.split())}"
    yield ""
    yield "## Columns"
    yield ""
    for row in made.meta.to_dict("records"):
        yield f"* `{row['col_name']}` ({row['col_type']}): {row['label']}."
    yield ""
    yield "## Symbols"
    yield ""
    for symbol, meaning in _SYMBOLS.items():
        if not made.internal or symbol in ("x", "z"):
            yield f"* `{symbol}`: {meaning}."


def _labels(made: OpenData) -> dict[str, str]:
    return dict(zip(made.meta["col_name"], made.meta["label"], strict=True))


def _figures(made: OpenData) -> set[str]:
    return {figure.name for figure in made.spec.figures}


def _csvw(made: OpenData) -> dict[str, Any]:
    """CSV on the Web: https://www.w3.org/TR/tabular-metadata/."""
    labels, figures = _labels(made), _figures(made)
    columns = [
        {"name": name, "titles": [name, labels[name]] if name in labels else name}
        | ({"datatype": "number", "null": list(SYMBOLS)} if name in figures else {"datatype": "string"})
        for name in made.data.columns
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": f"{made.spec.file}.csv",
        "dc:title": made.spec.title,
        "dc:description": f"{made.spec.about} {_NOT_OFFICIAL}",
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True},
        "tableSchema": {"columns": columns},
    }


def _frictionless(made: OpenData) -> dict[str, Any]:
    """A Frictionless data package: https://specs.frictionlessdata.io/data-package/."""
    labels, figures = _labels(made), _figures(made)
    fields = [
        {"name": name, "type": "number" if name in figures else "string", "title": labels.get(name, name)}
        for name in made.data.columns
    ]
    return {
        "profile": "tabular-data-package",
        "name": made.spec.file,
        "title": made.spec.title,
        "description": f"{made.spec.about} {_NOT_OFFICIAL}",
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": made.spec.file,
                "path": f"{made.spec.file}.csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "missingValues": ["", *SYMBOLS]},
            }
        ],
    }

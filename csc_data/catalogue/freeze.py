"""Freezes the catalogue of every year beside its standard: ``python -m csc_data.catalogue.freeze [COLLECTION ...]``.

The frozen files are data of the standard. A test compares every year with its frozen file, so that an edit which changes
a past year has to be seen and accepted here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from csc_data.catalogue.publishing import publish
from csc_data.declare.collection import Collection, Standard
from csc_data.files.writing import written_together
from csc_data.metadata.installed import collections
from csc_data.metadata.snapshot import snapshot


def frozen_path(standard: Standard) -> Path:
    """Where the frozen catalogue of a standard stands."""
    return Path(str(files(standard.collection.package))) / "snapshots" / f"{standard.version}.json"


def frozen_text(standard: Standard) -> str:
    """The catalogue of a standard as it is frozen."""
    return json.dumps(snapshot(standard), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def freeze(collection: Collection) -> None:
    """Write the catalogue of every year of a collection, all or none."""
    with written_together():
        for year in collection.versions:
            standard = collection.standard(year)
            publish(frozen_path(standard), frozen_text(standard))


def main(arguments: Sequence[str]) -> None:
    """Freeze the collections named, or all."""
    installed = collections()
    for name in arguments or installed:
        freeze(installed[name])


if __name__ == "__main__":
    main(sys.argv[1:])

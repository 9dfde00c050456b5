"""The department's own published files made again: ``python -m tests.open_data.against_published NAME=FILE...``.

Counts of authorities that are shown in a published file go in, and its percentages, columns and categories must come out.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from csc_data.disclosure import DEPARTMENT
from csc_data.open_data.layout import DataFile, read_data_file
from csc_data.open_data.specs import FIGURE, spec_named
from csc_data.open_data.writer import open_data
from csc_data.reference.local_authorities import authorities


def differences(name: str, published: DataFile) -> list[str]:
    """What of a published file does not come back, in words."""
    spec, cells = spec_named(name), published.cells
    shares = [figure for figure in spec.figures if figure.count]
    present = {authority.former_ons_code: authority.ons_code for authority in authorities()}
    own = cells[cells["geographic_level"] == "Local authority"].copy()
    own["authority"] = own["new_la_code"].map(lambda code: present.get(code, code) if code else "")
    long = pd.concat(
        own[["time_period", "authority", *spec.filter_names]].assign(
            **{FIGURE: figure.name, "count": pd.to_numeric(own[figure.name], errors="coerce")}
        )
        for figure in spec.counts
    )
    population = {}
    if "population_estimate" in own:
        known = own[pd.to_numeric(own["population_estimate"], errors="coerce").notna()]
        keys = zip(known["authority"], known["time_period"].astype(int) - 1, strict=True)
        population = dict(zip(keys, known["population_estimate"].astype(int), strict=True))
    long["time_period"] = long["time_period"].astype(int)
    made = open_data(long, spec, DEPARTMENT, population, internal=True).data.drop(columns="disclosure")
    wrong = [] if list(made.columns) == list(cells.columns) else [f"columns: {list(made.columns)}"]
    keys_of_rows = ["time_period", "geographic_level", "new_la_code", *spec.filter_names]
    made["new_la_code"] = made["new_la_code"].map(lambda code: present.get(code, code) if code else "")
    own["new_la_code"] = own["authority"]
    joined = own.merge(made, on=keys_of_rows, how="left", suffixes=("", "_made"), indicator=True)
    wrong += (
        [f"{(joined['_merge'] != 'both').sum()} rows without a match"] if (joined["_merge"] != "both").any() else []
    )
    for filter_name in spec.filter_names:
        if set(cells[filter_name]) != set(made[filter_name]):
            wrong.append(f"categories of {filter_name}")
    for figure in shares:
        theirs, ours = (pd.to_numeric(joined[figure.name + end], errors="coerce") for end in ("", "_made"))
        both = theirs.notna() & ours.notna()
        sys.stdout.write(
            f"{name} {figure.name}: {int(both.sum()):,} compared, {int((theirs[both] != ours[both]).sum())} differ\n"
        )
        if (theirs[both] != ours[both]).any():
            wrong.append(f"{figure.name}: {int((theirs[both] != ours[both]).sum())} differ")
    return wrong


def main(given: Sequence[str]) -> int:
    """Compare every file given, CSV or compressed CSV."""
    failed = False
    for text in given:
        name, _, path = text.partition("=")
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(path)
            if plain.suffix == ".gz":
                plain = Path(folder) / plain.stem
                with gzip.open(path) as packed, plain.open("wb") as out:
                    shutil.copyfileobj(packed, out)
            wrong = differences(name, read_data_file(plain))
        failed |= bool(wrong)
        sys.stdout.write(f"{name}: {'; '.join(wrong) or 'comes back'}\n")
    return int(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="NAME=FILE")
    sys.exit(main(parser.parse_args().files))

"""Runs a published validator as a black box. Started by ``others.py`` in the environment of that validator.

Arguments: collection, what is given (folder of CSV files, or XML file), folder of last year's files (may be empty),
reporting year, ONS code of the authority, file for the result.
"""

import importlib
import json
import logging
import sys
import time
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

from memory import peak_mb

NAMES_903 = {
    "Header": "header",
    "Episodes": "episodes",
    "Reviews": "reviews",
    "UASC": "uasc",
    "OC2": "oc2",
    "OC3": "oc3",
    "AD1": "ad1",
    "PlacedAdoption": "placed_for_adoption",
    "PrevPerm": "previous_permanence",
    "Missing": "missing",
    "SWEpisodes": "sw_episodes",
    "DoLo": "dolo",
}
TABLES_CIN = {"AssessmentFactorsList": "AssessmentFactors"}


def uploads(folder, label):
    return [
        {"name": f"{NAMES_903[path.stem]}.csv", "description": label, "file_content": path.read_bytes()}
        for path in sorted(Path(folder).glob("*.csv"))
        if path.stem in NAMES_903
    ]


def ssda903(now, before, year, authority):
    from lac_validator.lac_validator import LacValidator
    from lac_validator.report import Report

    registry = importlib.import_module(f"lac_validator.rules.lac{year.replace('-', '_')}").registry
    metadata = {"collectionYear": str(int(year[:4]) + 1), "localAuthority": authority}
    started = time.perf_counter()
    files = uploads(now, "This year") + (uploads(before, "Prev year") if before else [])
    validator = LacValidator(metadata=metadata, files=files, registry=registry)
    validated = time.perf_counter()
    issues = Report(validator.ds_results, registry).child_report
    finished = time.perf_counter()
    flagged = []
    for table, frame in validator.ds_results.items():
        if hasattr(frame, "columns"):
            for column in frame.columns:
                if str(column).startswith("ERR_"):
                    rows = frame.index[frame[column].fillna(False).astype(bool)]
                    flagged += [[column[4:], table, int(row)] for row in rows]
    return {
        "seconds": finished - started,
        "seconds_without_table": validated - started,
        "issues": len(issues),
        "flagged": flagged,
        "skipped": [str(code) for code in validator.skips],
        "failed": [str(code) for code in validator.fails],
    }


def cin(now, before, year, authority):
    from cin_validator import cin_validator

    registry = importlib.import_module(f"cin_validator.rules.cin{year.replace('-', '_')}").registry
    started = time.perf_counter()
    root = ET.parse(now).getroot()
    tables = cin_validator.process_data(cin_validator.convert_data(root))
    validator = cin_validator.CinValidator(tables, registry)
    issues = validator.full_issue_df
    seconds = time.perf_counter() - started
    located = issues[issues["row_id"].notna()]
    flagged = [
        [str(row.rule_code), TABLES_CIN.get(row.tables_affected, row.tables_affected), int(row.row_id)]
        for row in located.itertuples()
        if str(row.row_id).strip().isdigit()
    ]
    for entry in validator.la_rule_issues.to_dict("records") if len(validator.la_rule_issues) else []:
        flagged.append([str(entry["rule_code"]), "Header", 0])
    return {
        "seconds": seconds,
        "seconds_without_table": seconds,
        "issues": len(issues),
        "flagged": flagged,
        "skipped": [],
        "failed": [],
    }


def main(collection, now, before, year, authority, out):
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    result = {"ssda903": ssda903, "cin": cin}[collection](now, before, year, authority)
    result["peak_mb"] = peak_mb()
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])

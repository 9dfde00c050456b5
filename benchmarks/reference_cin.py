"""Runs the published census validator as a black box. Started by ``side_by_side.py`` in an environment of its own.

Arguments: folder with census.xml, reporting year, authority (not used), file for the result.
"""

import importlib
import json
import logging
import sys
import time
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

from cin_validator import cin_validator

TABLES = {"AssessmentFactorsList": "AssessmentFactors"}


def main(folder, year, authority, out):
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    registry = importlib.import_module(f"cin_validator.rules.cin{year.replace('-', '_')}").registry
    started = time.perf_counter()
    root = ET.parse(f"{folder}/census.xml").getroot()
    tables = cin_validator.process_data(cin_validator.convert_data(root))
    found = cin_validator.CinValidator(tables, registry)
    seconds = time.perf_counter() - started
    issues = found.full_issue_df
    located = issues[issues["row_id"].notna()]
    flagged = [
        [str(one.rule_code), TABLES.get(one.tables_affected, one.tables_affected), int(one.row_id)]
        for one in located.itertuples()
        if str(one.row_id).strip().isdigit()
    ]
    for one in found.la_rule_issues.to_dict("records") if len(found.la_rule_issues) else []:
        flagged.append([str(one["rule_code"]), "Header", 0])
    Path(out).write_text(json.dumps({"seconds": seconds, "flagged": flagged, "skipped": [], "failed": []}))


if __name__ == "__main__":
    main(*sys.argv[1:])

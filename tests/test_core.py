"""The core runs where nothing compiled but pandas, pyarrow and Pandera can be installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
BEYOND_THE_CORE = (
    "brotli", "duckdb", "govuk_frontend_jinja", "holidays", "jinja2", "jsonschema", "lxml", "markupsafe", "msgpack",
    "openpyxl", "platformdirs", "python_calamine", "rich", "xlrd", "xlsxwriter",
)  # fmt: skip
CHECK = """
import json, sys
sys.modules.update(dict.fromkeys(sys.argv[2].split(","), None))  # importing any of them fails
import pandas as pd
import csc_data as csc
import csc_data.store.history
from csc_data.reference.postcodes import Postcodes
given = sys.argv[1]
postcodes = Postcodes.from_frame(pd.read_csv(f"{given}/reference/postcodes.csv"))
folder = f"{given}/ssda903/returns/2025-26"
report = csc.validate(f"{folder}/this_year", "ssda903/2025-26", previous=f"{folder}/last_year", postcodes=postcodes)
census = csc.validate({"ChildIdentifiers": pd.DataFrame({"LAchildID": ["A"]})}, "cin/2025-26")
timeliness = report.timeliness()
print(json.dumps({
    "measures": len(report.quality().measures), "causes": len(report.root_causes().groups),
    "to first review": timeliness.loc[timeliness["measure"] == "start of care to first review", "note"].item(),
    "issues": len(report.issues), "statuses": sorted(set(report.rules["status"])),
    "reasons": sorted(set(census.rules["reason"])), "census": sorted(set(census.rules["status"])),
}))
"""


def test_the_core_needs_pandas_pyarrow_and_pandera_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(FIXTURES), ",".join(BEYOND_THE_CORE)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert min(document["issues"], document["measures"], document["causes"]) > 0
    assert "Not held against the limit: no calendar of bank holidays" in document["to first review"]
    assert "crashed" not in [*document["statuses"], *document["census"]]


LOADED = """
import json, sys
import numpy, pandas as pd, pandera.pandas, pyarrow
there = set(sys.modules)  # the four, and all that they load themselves
import csc_data as csc
from csc_data.reference.postcodes import Postcodes
place = pd.DataFrame({"postcode": ["AA1 1AA"], "district": ["X"], "easting": [1.0], "northing": [1.0]})
episodes = pd.DataFrame({"CHILD": ["1"], "DECOM": ["31/02/2026"], "HOME_POST": ["AA1 1AA"]})
report = csc.validate({"Episodes": episodes}, "ssda903/2025-26", postcodes=Postcodes.from_frame(place))
loaded = {name.partition(".")[0] for name in set(sys.modules) - there}
print(json.dumps([len(report.issues), sorted(loaded - sys.stdlib_module_names)]))
"""


def test_a_validation_loads_nothing_but_the_core() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    issues, loaded = json.loads(done.stdout)
    assert issues > 0
    assert set(loaded) <= {"csc_data", "numpy", "pandas", "pandera", "pyarrow"}


def test_the_command_line_is_there_before_pandas_is_loaded() -> None:
    program = "import sys; from csc_data.commands import cli; cli._parser(); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

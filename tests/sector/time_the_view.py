"""How long the view of England takes: ``python -m tests.sector.time_the_view``; gives 1 above 5 seconds or 500 MB.

The exchange files of 153 invented authorities are read, everything is worked out, and page, workbook and tables are written.
Processor time is counted, so that what else the machine does makes no difference.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.planted_causes import invented
from support.sectors import document_of

from csc_data.reporting.sector import write_sector
from csc_data.sector import read_exchanges
from csc_data.sector.findings import findings

MOST_SECONDS, MOST_MEGABYTES = 5.0, 500.0


def main() -> int:
    """Time it."""
    sector = invented(0, plant=True).sector
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for code in sector.authorities["authority"]:
            (folder / f"{code}.json").write_text(json.dumps(document_of(sector, code)))
        started = time.process_time()
        pooled = read_exchanges(folder)
        read = time.process_time()
        found = findings(pooled)
        worked_out = time.process_time()
        write_sector(found, folder / "page", ["html"])
        page = time.process_time()
        write_sector(found, folder / "rest", ["xlsx", "csv", "parquet"])
        done = time.process_time()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{len(pooled.authorities)} files: read {read - started:.1f} s, worked out {worked_out - read:.1f} s, page "
        f"{page - worked_out:.1f} s, in all {page - started:.1f} s; workbook and tables {done - page:.1f} s more; "
        f"{megabytes:.0f} MB\n"
    )
    return int(page - started > MOST_SECONDS or megabytes > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())

"""Asks whether any pinned dependency has a known vulnerability. Fails if one has; says so if nobody could be asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "locks/newest.txt"


def main() -> int:
    """Exit code: 0 nothing known, or the advisories cannot be reached; 1 known vulnerabilities."""
    words = ["-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run([sys.executable, *words, *sys.argv[1:], "-r", str(LOCK)], capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        packages = []
    known = [(one, vulnerability) for one in packages for vulnerability in one.get("vulns", [])]
    for package, vulnerability in known:
        print(
            f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {vulnerability['fix_versions']}"
        )
    asked = [one["name"] for one in packages if "skip_reason" not in one]
    print(f"{len(asked)} of {len(packages) or 'all'} dependencies audited, {len(known)} known vulnerabilities")
    if not packages or len(asked) < len(packages):
        print(f"NOT AUDITED in full: advisories cannot be reached from here. Versions stay as {LOCK.name} pins them.")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())

"""Rule packs as packages of their own, found as installed ones are."""

from __future__ import annotations

from pathlib import Path

COLLECTION = """
from dataclasses import replace
from csc_data.declare import BurdenFacts, QualityFacts, TimelinessFacts
from csc_data.standards.ssda903.collection import SSDA903

PACK = replace(
    SSDA903, id="{name}", package="{name}_pack", journeys="", forms=(), quality=QualityFacts(), burden=BurdenFacts(),
    timeliness=TimelinessFacts(),
)
"""


def install_pack(folder: Path, name: str, rules: str) -> Path:
    """Install a collection with the tables of the children looked after return and rules of its own; gives the folder
    that must be on the path.
    """
    package, facts = folder / f"{name}_pack", folder / f"{name}_pack-1.dist-info"
    package.mkdir(parents=True)
    facts.mkdir()
    (package / "__init__.py").write_text("")
    (package / "collection.py").write_text(COLLECTION.format(name=name))
    (package / "rules.py").write_text(rules)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-pack\nVersion: 1\n")
    (facts / "entry_points.txt").write_text(f"[csc_data.standards]\n{name} = {name}_pack.collection:PACK\n")
    return folder

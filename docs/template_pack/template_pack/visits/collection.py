"""What the list of visits is: its versions, its period, and its tables."""

from __future__ import annotations

from csc_data.declare import Collection, OfficialDocument, Subject, Verification, dated_versions
from template_pack.visits import tables

_GUIDE = OfficialDocument("the authority's guide to its list", "2025-09", "1.1")

VISITS = Collection(
    id="visits",
    title="List of visits",
    owner="The authority",
    legal_basis="None: a list of the authority's own",
    population="Children with a visit in the six months before a stated day",
    frequency="When asked for",
    formats=("csv", "excel"),
    source="The authority's own guide to its list, version 1.1",
    subject=Subject("child", "children", "ChildId"),
    tables=(tables.Children, tables.Visits),
    calendar=dated_versions("1.0", "1.1", months=6, day="stated"),
    package="template_pack.visits",
    verification={"1.1": Verification(items=(_GUIDE,), codes=(_GUIDE,), rules=(_GUIDE,))},
)

"""Tables and calendar of the feed of plans."""

from __future__ import annotations

from csc_data.declare import Code, Codes, Collection, IsoDate, Subject, Table, Text, dated_versions, item

STATE = Codes("state of a plan", {"OPEN": "Open", "DONE": "Closed"}).then("2025-11-03", add={"HELD": "On hold"})


class Feed(Table, in_every_return=True):
    """One row: what the feed says of itself."""

    DRAWN: IsoDate = item("Day it was drawn", why="The six months before it are looked at.", mandatory=True)


class YoungPeople(Table, key=["YP_ID"], in_every_return=True):
    """One row a young person."""

    YP_ID: Text = item("Number", mandatory=True, identifies=True)


class Plans(Table, key=["YP_ID", "PLAN"], parent=YoungPeople):
    """One row a plan."""

    YP_ID: Text = item("Number", mandatory=True)
    PLAN: Text = item("Plan", mandatory=True)
    MADE: IsoDate = item("Day it was made", mandatory=True)
    STATE: Code = item("State", codes=STATE, mandatory=True)
    HELD_SINCE: IsoDate = item("On hold since", since="2025-11-03")


PACK = Collection(
    id="plan_feed",
    title="Feed of plans",
    owner="An authority",
    legal_basis="None: a pilot",
    population="Young people with a plan in the last six months",
    frequency="daily",
    formats=("csv",),
    source="Invented for tests",
    subject=Subject("young person", "young people", "YP_ID"),
    tables=(Feed, YoungPeople, Plans),
    calendar=dated_versions("2025-08", "2025-11-03", months=6, day="stated"),
    package="packs.plan_feed",
    journeys="journeys",
    period_item="Feed.DRAWN",
)

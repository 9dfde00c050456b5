"""Tables, items and codes of the list of visits."""

from __future__ import annotations

from csc_data.declare import Code, Codes, Date, DateTime, Table, item

SEEN_ALONE = Codes("seen alone", {"a) Yes": "The child was seen alone", "b) No": "The child was not seen alone"}).then(
    "1.1", add={"c) Child refused": "The child did not want to be seen alone"}
)


class Children(Table, key=["ChildId"], in_every_return=True):
    """The children of the list, one row each."""

    ChildId: Code = item("Child identifier", mandatory=True, aliases=("Child Unique ID",), why="Links a child's rows.")
    DateOfBirth: Date = item("Date of birth", required="V01", invalid="V02", aliases=("DOB",))


class Visits(Table, key=["ChildId", "Started"], parent=Children, hints=["visit"]):
    """Visits to a child."""

    ChildId: Code = item("Child identifier", mandatory=True, aliases=("Child Unique ID",))
    Started: DateTime = item("Start of the visit", required="V03", invalid="V04", aliases=("Visit start",))
    Ended: DateTime = item("End of the visit", invalid="V04", aliases=("Visit end",))
    SeenAlone: Code = item("Whether the child was seen alone", codes=SEEN_ALONE, invalid="V05")

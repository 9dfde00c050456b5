"""The vocabulary of a standard: everything a module of ``standards/`` imports."""

from csc_data.declare.burden import BurdenFacts, Volume
from csc_data.declare.calendar import Calendar, dated_versions, yearly
from csc_data.declare.codes import Codes, Group, Threshold, dated
from csc_data.declare.collection import Collection, Drawn, Standard
from csc_data.declare.quality import AgeBands, Characteristic, Coverage, QualityFacts
from csc_data.declare.rules import Period, Rule, RuleFamily, View, rule, rule_family, view
from csc_data.declare.tables import Item, Table, item
from csc_data.declare.timeliness import DayRecorded, Limit, Process, SubmissionWindow, TimelinessFacts
from csc_data.declare.xml_form import XmlForm, XmlTable
from csc_data.reasons import SkipReason
from csc_data.typed.columns import Dates, Mask, Numbers, Words, possibly
from csc_data.typed.kinds import Code, Date, IsoDate, Number, Postcode, Text
from csc_data.typed.partners import Met, Partners, partners
from csc_data.typed.rows import Flags, NotSuppliedError, Pairs, PerGroup, Rows, Runs, Sequence, pairs
from csc_data.versions import Version, Year

__all__ = [
    "AgeBands",
    "BurdenFacts",
    "Calendar",
    "Characteristic",
    "Code",
    "Codes",
    "Collection",
    "Coverage",
    "Date",
    "Dates",
    "DayRecorded",
    "Drawn",
    "Flags",
    "Group",
    "IsoDate",
    "Item",
    "Limit",
    "Mask",
    "Met",
    "NotSuppliedError",
    "Number",
    "Numbers",
    "Pairs",
    "Partners",
    "PerGroup",
    "Period",
    "Postcode",
    "Process",
    "QualityFacts",
    "Rows",
    "Rule",
    "RuleFamily",
    "Runs",
    "Sequence",
    "SkipReason",
    "Standard",
    "SubmissionWindow",
    "Table",
    "Text",
    "Threshold",
    "TimelinessFacts",
    "Version",
    "View",
    "Volume",
    "Window",
    "Words",
    "XmlForm",
    "XmlTable",
    "Year",
    "dated",
    "dated_versions",
    "item",
    "pairs",
    "partners",
    "possibly",
    "rule",
    "rule_family",
    "view",
    "yearly",
]

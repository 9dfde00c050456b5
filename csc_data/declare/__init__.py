"""The vocabulary of a standard: everything a module of ``standards/`` imports."""

from csc_data.declare.burden import BurdenFacts, Volume
from csc_data.declare.calendar import Calendar, dated_versions, yearly
from csc_data.declare.codes import Codes, Group, Threshold, dated
from csc_data.declare.collection import Collection, Drawn, Standard
from csc_data.declare.forms import Form
from csc_data.declare.json_form import JsonForm, JsonTable, JsonValue
from csc_data.declare.measures import (
    Amounts,
    Breakdown,
    Measure,
    MeasureFamily,
    Membership,
    OpenPoint,
    Parts,
    breakdown,
    group_of_each_child,
    measure,
    measure_family,
)
from csc_data.declare.quality import AgeBands, Characteristic, Coverage, QualityFacts
from csc_data.declare.rules import Period, Rule, RuleFamily, View, rule, rule_family, view
from csc_data.declare.slots import LAST_YEAR, EarlierReturn, Slot, TableRef
from csc_data.declare.subject import Subject
from csc_data.declare.tables import Item, Table, item
from csc_data.declare.timeliness import DayRecorded, Limit, Process, SubmissionWindow, TimelinessFacts
from csc_data.declare.verification import OfficialDocument, Verification
from csc_data.declare.xml_form import RowCondition, XmlForm, XmlTable
from csc_data.reasons import SkipReason
from csc_data.typed.columns import Dates, DateTimes, Mask, Numbers, Words, possibly
from csc_data.typed.kinds import Code, Date, DateTime, IsoDate, Number, Postcode, Text
from csc_data.typed.partners import Met, Partners, partners
from csc_data.typed.rows import Flags, NotSuppliedError, OrderedRows, Pairs, PerGroup, Rows, Runs, pairs
from csc_data.versions import Version, Year

__all__ = [
    "LAST_YEAR",
    "AgeBands",
    "Amounts",
    "Breakdown",
    "BurdenFacts",
    "Calendar",
    "Characteristic",
    "Code",
    "Codes",
    "Collection",
    "Coverage",
    "Date",
    "DateTime",
    "DateTimes",
    "Dates",
    "DayRecorded",
    "Drawn",
    "EarlierReturn",
    "Flags",
    "Form",
    "Group",
    "IsoDate",
    "Item",
    "JsonForm",
    "JsonTable",
    "JsonValue",
    "Limit",
    "Mask",
    "Measure",
    "MeasureFamily",
    "Membership",
    "Met",
    "NotSuppliedError",
    "Number",
    "Numbers",
    "OfficialDocument",
    "OpenPoint",
    "OrderedRows",
    "Pairs",
    "Partners",
    "Parts",
    "PerGroup",
    "Period",
    "Postcode",
    "Process",
    "QualityFacts",
    "RowCondition",
    "Rows",
    "Rule",
    "RuleFamily",
    "Runs",
    "SkipReason",
    "Slot",
    "Standard",
    "Subject",
    "SubmissionWindow",
    "Table",
    "TableRef",
    "Text",
    "Threshold",
    "TimelinessFacts",
    "Verification",
    "Version",
    "View",
    "Volume",
    "Words",
    "XmlForm",
    "XmlTable",
    "Year",
    "breakdown",
    "dated",
    "dated_versions",
    "group_of_each_child",
    "item",
    "measure",
    "measure_family",
    "pairs",
    "partners",
    "possibly",
    "rule",
    "rule_family",
    "view",
    "yearly",
]

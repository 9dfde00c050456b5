"""Reading: text to tables, with the file and line of every row."""

from csc_data.reading.submitted import (
    InputFile,
    Note,
    NoteKind,
    RowCount,
    SubmittedTable,
    Supplied,
    TableShape,
    Unreadable,
    encode_together,
)
from csc_data.reading.tables import FormReader, UnreadableReturnError, read_supplied

__all__ = [
    "FormReader",
    "InputFile",
    "Note",
    "NoteKind",
    "RowCount",
    "SubmittedTable",
    "Supplied",
    "TableShape",
    "Unreadable",
    "UnreadableReturnError",
    "encode_together",
    "read_supplied",
]

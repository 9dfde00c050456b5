"""Reading: text to tables, with the file and line of every row."""

from csc_data.reading.notes import Note, NoteKind
from csc_data.reading.problems import UnreadableReturnError
from csc_data.reading.submitted import (
    InputFile,
    RowCount,
    SubmittedTable,
    Supplied,
    TableShape,
    Unreadable,
    encode_together,
)
from csc_data.reading.tables import FormReader, read_supplied

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

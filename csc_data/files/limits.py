"""How much is unpacked and built from what was given: every limit of the readers in one place.

They stand far above any real return, and far below what would fill the memory of an office computer. What is beyond them
is refused in words, with the limit.
"""

from __future__ import annotations

MIB = 1024**2

FILE_BYTES = 2047 * MIB
"""Bytes of a file of text or a workbook. The reader of CSV takes no more at once."""

COLUMNS = 16_384
"""Columns of a file of text: as many as a sheet of a workbook has."""

LINES = 20_000_000
"""Lines of a file of text."""

HEADER_BYTES = 4 * MIB
"""Length of the line of the column names of a file of text."""

RECORD_CUTS = 1_000_000
"""Delimiters, those within quotation marks among them, of one record of a text with irregular quotation marks."""

RETURN_CELLS = 100_000_000
"""Cells of all tables of a return. The returns of all authorities together have a tenth of it."""

UNREADABLE_ROWS = 100_000
"""Rows of a return that cannot be read and are listed one by one. A file with more is refused as a whole."""

GROWTH = 100
"""Times what was given may grow when it is unpacked, and when laid out as cells. Real returns grow ten- to thirtyfold."""

GROWTH_FREE_BYTES = 64 * MIB
"""What anything may grow to."""

CELL_BYTES = 16
"""What a cell is held to take beside its text."""

ZIP_MEMBERS = 10_000
"""Members of a zip or workbook."""

ZIP_DIRECTORY_BYTES = 8 * MIB
"""Size of the list of members at the end of a zip."""

MEMBER_BYTES = 2048 * MIB
"""Bytes that one member of a zip may unpack to."""

ZIP_BYTES = 4096 * MIB
"""Bytes that all members of a zip that are read may unpack to."""

ZIP_RATIO = 200
"""Times a member of a zip or workbook may grow when unpacked. Real returns shrink ten- to thirtyfold."""

RATIO_FREE_BYTES = MIB
"""Members that unpack to no more than this may shrink to anything."""

WORKBOOK_BYTES = 512 * MIB
"""Bytes that the parts of a workbook may unpack to together. A sheet of a million rows and ten columns has about 400 MiB."""

SHEET_CELLS = 20_000_000
"""Cells of a sheet, filled or not: rows times columns down to the last filled one."""

WORKBOOK_CELLS = 40_000_000
"""Cells of all sheets of a workbook, counted so."""

MARKED_CELLS = 1_000_000
"""Error values, merged ranges and formulas without a stored result of a sheet, each."""

NAMED_CELLS = 8
"""Cells of a sheet that a message names."""

XML_DEPTH = 200
"""Elements that may stand within one another in an XML file. The forms have about eight."""

XML_BATCH_ELEMENTS = 5_000_000
"""Elements of the form in the records of an XML file that are gathered before they are laid out, some four thousand."""

XML_MARKUP_BYTES = MIB
"""Length of one tag, comment or instruction in an XML file. Text between tags may be longer."""

XML_NAMESPACE_CHARACTERS = 500
"""Length of the name of a namespace, which the parser writes before each name in it."""

XML_NAMED = 1000
"""Different unknown names of an XML file that are counted separately; the others are counted together."""

JSON_BYTES = 256 * MIB
"""Bytes of a JSON file. A payload of 5,000 children has some ten."""

JSON_DEPTH = 64
"""Lists and objects that may stand within one another in a JSON file. Payloads have about eight."""

JSON_VALUES = 10_000_000
"""Values of a JSON file: of lists and objects, and these themselves."""

JSON_TEXT_BYTES = MIB
"""Length of one text in a JSON file."""

RUN_BYTES = 2047 * MIB
"""Bytes of a saved run, of one of its tables in memory, and of all texts of one of its columns."""

RUN_OUTLINE_BYTES = 64 * MIB
"""Bytes of the outline of a saved run, which is JSON."""

RUN_VALUES = 100_000_000
"""Values of one table of a saved run: rows times columns."""

OWN_FILE_BYTES = MIB
"""Bytes of a file that a user writes by hand: assumptions, a draft of a standard."""

PUBLISHED_FILE_BYTES = 64 * MIB
"""Bytes of a file of published figures. Open data files of all authorities and years have a tenth of it."""

OWN_FILE_DEPTH = 30
"""Lists and tables within one another in such a file."""

OWN_FILE_DOTS = 1000
"""Full stops in one line of such a file, on one side of "=": they may part the name of an entry."""

NAMED_FAULTS = 20
"""Faults of such a file that a message names."""

UPLOAD_BYTES = 2047 * MIB
"""Bytes of all files that a browser hands over at once."""

WORK_BYTES = 256 * MIB
"""Bytes of a work file, and of a list it is filled from. A note on each of 140,000 issues has about 60 MiB."""

JOB_MEMORY_BYTES = 4096 * MIB
"""Memory that the check of one submission of a batch may take, where the system can limit it, unless --memory says else."""

JOB_SECONDS = 900
"""Seconds that it may take, unless --seconds says else. A return of 10,000 children takes some five."""

MANIFEST_BYTES = 16 * MIB
"""Bytes of the manifest of a batch. One of 10,000 submissions has about one MiB."""

RECEIPT_BYTES = 16 * MIB
"""Bytes of a receipt, which has a few thousand."""

KEY_BYTES = 10_000
"""Bytes of a file with a key for pseudonyms."""


def in_bytes(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if count >= size:
            return f"{count / size:,.0f} {unit}" if count % size == 0 else f"{count / size:,.1f} {unit}"
    return f"{count} bytes"

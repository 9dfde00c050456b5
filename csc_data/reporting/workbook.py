"""Excel workbooks, whole or not at all, in which every text stays a text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from traceback import clear_frames
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from csc_data.files.own_outputs import WORKBOOK_MARK
from csc_data.files.writing import replacing

_TEXT_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def replacing_workbook(path: str | PathLike[str], *, constant_memory: bool = False) -> Iterator[xlsxwriter.Workbook]:
    """Give a workbook to fill; it takes the place of ``path`` only when all went well.

    No text in it becomes a formula, a link or a number. With ``constant_memory`` rows are kept on the disk, beside the
    workbook, and must be written in their order.

    Raises:
        UsageError: as ``csc_data.files.writing.replacing``.
    """
    with (
        replacing(path) as temporary,
        tempfile.TemporaryDirectory(dir=temporary.parent, prefix=".xlsx.") as scratch,
        temporary.open("w+b") as file,
    ):
        book = xlsxwriter.Workbook(file, {**_TEXT_AS_TEXT, "tmpdir": scratch, "constant_memory": constant_memory})
        book.set_properties({"comments": WORKBOOK_MARK})
        try:
            yield book
            book.close()
        except BaseException as error:
            _abandon(book, file.fileno(), error)
            if isinstance(error, FileCreateError):
                raise OSError(*error.args[0].args) from None
            raise


def _abandon(book: Any, file: int, error: BaseException) -> None:
    """Let go of the parts that are open, as some systems remove no open file, and of the zip, which tries to finish as it
    goes: what it still writes is discarded, so that it does not complain of a full disk once more.
    """
    null_device = os.open(os.devnull, os.O_RDWR)
    os.dup2(null_device, file)
    os.close(null_device)
    for sheet in book.worksheets():
        for part in (sheet.fh, sheet.row_data_fh):
            with suppress(OSError, ValueError, AttributeError):
                part.close()
    for raised in (error, error.__context__):
        if raised is not None:
            clear_frames(raised.__traceback__)

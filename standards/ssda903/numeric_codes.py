"""Codes that some checks read as numbers, so that 1, 01 and 1.0 are the same."""

from __future__ import annotations

import re

from csc_data.declare import Mask, Words

_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def is_number(code: Words, number: int) -> Mask:
    """Rows whose code, read as a number, is this one."""
    return code.test(lambda text: _DECIMAL.fullmatch(text) is not None and float(text) == number)

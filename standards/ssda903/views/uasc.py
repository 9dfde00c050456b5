"""Who is an unaccompanied asylum-seeking child, this year and last.

The XML form carries a flag in the header. In every other form a row in the UASC table is the flag, whatever a column of the
header says.
"""

from __future__ import annotations

from csc_data.standards.ssda903.numeric_codes import is_number

from csc_data.declare import LAST_YEAR, Mask, NotSuppliedError, PerGroup, Rows, SkipReason, Slot, TableRef, view


@view
def uasc_flag(header: Rows | None = None, uasc: Rows | None = None) -> PerGroup[Mask]:
    """Whether the child is an unaccompanied asylum seeker in this year's return, by child."""
    return _flag(header, uasc, Slot.THIS)


@view
def previous_uasc_flag(previous_uasc: Rows | None = None, previous_header: Rows | None = None) -> PerGroup[Mask]:
    """Whether the child was an unaccompanied asylum seeker in last year's return, by child."""
    return _flag(previous_header, previous_uasc, Slot.PREVIOUS)


def _flag(header: Rows | None, uasc: Rows | None, slot: Slot) -> PerGroup[Mask]:
    if header is not None and states_flag(header):
        return header.per_child.any(is_number(header.UASC, 1))
    if uasc is None:
        lacking, so = TableRef(slot, "UASC"), "asylum-seeking status is unknown"
        raise NotSuppliedError(SkipReason.TABLE_MISSING(lacking, table="UASC", whose=slot.whose(LAST_YEAR), so=so))
    return uasc.per_child.any()


def states_flag(header: Rows) -> bool:
    """Whether the header states the flag itself, as that of an XML return does."""
    return header.form == "xml" and header.has("UASC")


@view
def ever_uasc(
    header: Rows | None = None,
    uasc: Rows | None = None,
    previous_header: Rows | None = None,
    previous_uasc: Rows | None = None,
) -> list[PerGroup[Mask]]:
    """Everything known of asylum-seeking status, this year or last; what was not supplied marks nobody."""
    headers = [one for one in (header, previous_header) if one is not None and one.has("UASC")]
    flags = [table.per_child.any() for table in (uasc, previous_uasc) if table is not None]
    return [*flags, *(one.per_child.any(is_number(one.UASC, 1)) for one in headers)]


@view
def possibly_uasc(
    ever_uasc: list[PerGroup[Mask]], header: Rows | None = None, previous_header: Rows | None = None
) -> list[PerGroup[Mask]]:
    """As ``ever_uasc``, with children of a flag that is neither 0 nor 1, who may be asylum seekers."""
    headers = [one for one in (header, previous_header) if one is not None and one.has("UASC")]
    return [*ever_uasc, *(one.per_child.any(one.UASC.filled & ~is_number(one.UASC, 0)) for one in headers)]


def is_any(flags: list[PerGroup[Mask]], rows: Rows) -> Mask:
    """Rows whose child is marked by any of the flags."""
    found = rows.none
    for flag in flags:
        found = found | flag.on(rows)
    return found

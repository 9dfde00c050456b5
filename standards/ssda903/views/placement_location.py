"""Where a placement lies: its authority, whether that is the returning one, and how far from home.

The return holds postcodes alone. A table that has the items worked out from them already (as a download from the
collection system does) is taken at its word; what it leaves blank is worked out here.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from csc_data.declare import Group, Mask, NotSuppliedError, Numbers, Period, Rows, SkipReason, Words, view
from csc_data.reference.local_authorities import LocalAuthority, responsible_code, upper_tier
from csc_data.reference.postcodes import PostcodeLocations, Postcodes, distance_miles

CONFIDENTIAL = "CON"
OUTSIDE_ENGLAND = Group("outside England, or confidential", "CON NIR SCO WAL NUK")


class PlacementLocation:
    """The location of every episode's placement, row by row, among the authorities of the last day of the period."""

    def __init__(self, episodes: Rows, postcodes: Postcodes, period: Period, authority: LocalAuthority | None) -> None:
        self._episodes, self._postcodes, self._period, self._authority = episodes, postcodes, period, authority

    @cached_property
    def la(self) -> Words:
        """Authority of the placement: an ONS code, SCO, WAL, NIR or NUK; blank where unknown."""
        given = self._as_given("PL_LA").map(lambda code: responsible_code(code, self._period.end))
        if given.filled.all():
            return given
        derived = Words.of(upper_tier(self._placement.district, self._period.end), given.version)
        return given.where_blank(derived)

    @cached_property
    def found(self) -> Mask:
        """Rows whose placement postcode is in the directory, or whose authority of placement is given."""
        given = self._as_given("PL_LA").filled
        return given if given.all() else given | self._placement.known

    @cached_property
    def located(self) -> Mask:
        """Rows whose placement can be told to lie inside or outside any authority."""
        given = self._as_given("PL_LOCATION").filled
        return given if given.all() else given | self.found

    @cached_property
    def location(self) -> Words:
        """IN the returning authority, OUT of it, or blank where the place is unknown or confidential.

        Raises:
            NotSuppliedError: the returning authority is not known, and some row leaves the location to be worked out.
        """
        given = self._as_given("PL_LOCATION")
        if given.filled.all():
            return given
        if self._authority is None:
            raise NotSuppliedError(SkipReason.NO_AUTHORITY())
        inside = self.la == self._authority.ons_code
        known = self.found & (self.la != CONFIDENTIAL)
        derived = np.where(known, np.where(inside, 0, 1), -1).astype(np.int32)
        return given.where_blank(Words(derived, ["IN", "OUT"], given.version))

    @cached_property
    def distance(self) -> Numbers:
        """Straight line from home to placement in miles, to one decimal; unknown where either postcode is."""
        given: Numbers | None = self._episodes.PL_DISTANCE if self._episodes.has("PL_DISTANCE") else None
        if given is not None and given.filled.all():
            return given
        miles = distance_miles(_places(self._episodes.HOME_POST, self._postcodes), self._placement)
        if given is None:
            return Numbers(miles, ~np.isnan(miles))
        return Numbers(np.where(given.blank, miles, given.values), given.filled | ~np.isnan(miles))

    def _as_given(self, item: str) -> Words:
        """A column that the return need not have; blank where it has not."""
        if self._episodes.has(item):
            given: Words = self._episodes[item]
            return given
        return Words(np.full(len(self._episodes), -1, dtype=np.int32), [], self._episodes.version)

    @cached_property
    def _placement(self) -> PostcodeLocations:
        return _places(self._episodes.PL_POST, self._postcodes)


def _places(written: Words, postcodes: Postcodes) -> PostcodeLocations:
    """The place of each row's postcode, looked up once for each distinct one."""
    distinct = postcodes.look_up([*written.vocabulary, ""])
    return PostcodeLocations(
        known=distinct.known[written.codes],
        district=distinct.district[written.codes],
        easting=distinct.easting[written.codes],
        northing=distinct.northing[written.codes],
    )


@view
def placement_location(
    episodes: Rows, postcodes: Postcodes, period: Period, authority: LocalAuthority | None = None
) -> PlacementLocation:
    """Where the placements of this year's episodes lie."""
    return PlacementLocation(episodes, postcodes, period, authority)


@view
def previous_placement_location(
    previous_episodes: Rows, postcodes: Postcodes, period: Period, authority: LocalAuthority | None = None
) -> PlacementLocation:
    """Where the placements of last year's episodes lie, told as this year's so that both can be compared."""
    return PlacementLocation(previous_episodes, postcodes, period, authority)

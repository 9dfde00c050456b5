"""Where a placement lies: its authority, whether that is the returning one, and how far from home.

The return holds postcodes alone. A table that has the items worked out from them already (as a download from the
collection system does) is taken at its word.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from csc_data.declare import Group, Mask, NotSupplied, Numbers, Rows, Words, view
from csc_data.reference.local_authorities import LocalAuthority, upper_tier
from csc_data.reference.postcodes import PostcodePlaces, Postcodes, distance_miles

OUTSIDE_ENGLAND = Group("outside England, or confidential", "CON NIR SCO WAL NUK")


class PlacementLocation:
    """The location of every episode's placement, row by row."""

    def __init__(self, episodes: Rows, postcodes: Postcodes, authority: LocalAuthority | None) -> None:
        self._episodes, self._postcodes, self._authority = episodes, postcodes, authority

    @cached_property
    def la(self) -> Words:
        """Authority of the placement: an ONS code, SCO, WAL, NIR or NUK; blank where unknown."""
        if self._episodes.has("PL_LA"):
            given: Words = self._episodes.PL_LA
            return given
        return Words.of(upper_tier(self._placement.district), self._episodes.year)

    @cached_property
    def found(self) -> Mask:
        """Rows whose placement postcode is in the directory."""
        return self._episodes.PL_LA.filled if self._episodes.has("PL_LA") else self._placement.known

    @cached_property
    def located(self) -> Mask:
        """Rows whose placement can be told to lie inside or outside any authority."""
        return self._episodes.PL_LOCATION.filled if self._episodes.has("PL_LOCATION") else self.found

    @cached_property
    def location(self) -> Words:
        """IN the returning authority, OUT of it, or blank where the postcode is unknown.

        Raises:
            NotSupplied: the returning authority is not known.
        """
        if self._episodes.has("PL_LOCATION"):
            given: Words = self._episodes.PL_LOCATION
            return given
        if self._authority is None:
            raise NotSupplied("authority not given")
        inside = self.la == self._authority.ons_code
        return Words.of(np.where(self.found, np.where(inside, "IN", "OUT"), ""), self._episodes.year)

    @cached_property
    def distance(self) -> Numbers:
        """Straight line from home to placement in miles, to one decimal; unknown where either postcode is."""
        if self._episodes.has("PL_DISTANCE"):
            given: Numbers = self._episodes.PL_DISTANCE
            return given
        miles = distance_miles(_places(self._episodes.HOME_POST, self._postcodes), self._placement)
        return Numbers(miles, ~np.isnan(miles))

    @cached_property
    def _placement(self) -> PostcodePlaces:
        return _places(self._episodes.PL_POST, self._postcodes)


def _places(written: Words, postcodes: Postcodes) -> PostcodePlaces:
    """The place of each row's postcode, looked up once for each distinct one."""
    distinct = postcodes.look_up([*written.vocabulary, ""])
    return PostcodePlaces(
        known=distinct.known[written.codes],
        district=distinct.district[written.codes],
        easting=distinct.easting[written.codes],
        northing=distinct.northing[written.codes],
    )


@view
def placement_location(
    episodes: Rows, postcodes: Postcodes, authority: LocalAuthority | None = None
) -> PlacementLocation:
    """Where the placements of this year's episodes lie."""
    return PlacementLocation(episodes, postcodes, authority)


@view
def previous_placement_location(
    previous_episodes: Rows, postcodes: Postcodes, authority: LocalAuthority | None = None
) -> PlacementLocation:
    """Where the placements of last year's episodes lie."""
    return PlacementLocation(previous_episodes, postcodes, authority)

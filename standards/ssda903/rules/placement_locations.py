"""Rules on where placements are: postcodes, authority of placement, and distance from home."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import SHORT_BREAKS
from csc_data.standards.ssda903.views.placement_location import PlacementLocation
from csc_data.standards.ssda903.views.uasc import is_any

from csc_data.declare import Mask, PerGroup, Rows, rule
from csc_data.reference.local_authorities import LocalAuthority
from csc_data.reference.postcodes import Postcodes

FARTHEST_MILES = 999.9
FAR_MILES = 350

_ABROAD = "Placements abroad and confidential ones, which are entered on screen, are reported too."


@rule(
    "164",
    fields=["Episodes.PL_DISTANCE"],
    dimension="validity",
    fidelity="may over-report",
    fidelity_note="Only asylum-seeking status of this year and last is known.",
    departure="Short breaks are left out, and missing asylum seeker tables stop nothing.",
)
def distance_out_of_range(
    episodes: Rows, placement_location: PlacementLocation, possibly_uasc: list[PerGroup[Mask]]
) -> Mask:
    """The distance from home to placement is below 0 or above 999.9 miles.

    Why: It is longer than Great Britain, so a postcode is wrong.
    Fix: Correct the home or placement postcode.
    """
    distance = placement_location.distance
    tested = ~episodes.LS.isin(SHORT_BREAKS) & ~is_any(possibly_uasc, episodes)
    return tested & ((distance < 0) | (distance > FARTHEST_MILES))


@rule(
    "169",
    fields=["Episodes.PL_LA", "Episodes.PL_POST"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note=_ABROAD,
    departure="Every postcode of the directory is known, those of newer districts and the islands included.",
)
def authority_of_placement_unknown(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """The authority in which the child is placed cannot be told, as the postcode is missing or not in the directory.

    Why: How many children are placed outside their authority is published.
    Fix: Enter or correct the placement postcode.
    """
    return ~episodes.LS.isin(SHORT_BREAKS) & ~placement_location.found


@rule("179", fields=["Episodes.PL_LOCATION", "Episodes.PL_POST"], dimension="completeness")
def location_of_placement_unknown(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """Whether the child is placed inside the authority cannot be told, as the postcode is missing or not in the directory.

    Why: How many children are placed outside their authority is published.
    Fix: Enter or correct the placement postcode.
    """
    return ~episodes.LS.isin(SHORT_BREAKS) & ~placement_location.located


@rule(
    "392a",
    fields=["Episodes.PL_DISTANCE", "Episodes.HOME_POST", "Episodes.PL_POST"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note=_ABROAD,
    departure="It runs without asylum seeker tables, and a row in them counts even beside a flag of 0.",
)
def distance_unknown(
    episodes: Rows, placement_location: PlacementLocation, possibly_uasc: list[PerGroup[Mask]]
) -> Mask:
    """The distance from home to placement cannot be worked out, as a postcode is missing or not in the directory.

    Why: How far from home children are placed is published.
    Fix: Enter or correct the home and placement postcodes.
    """
    tested = ~episodes.LS.isin(SHORT_BREAKS) & ~is_any(possibly_uasc, episodes)
    return tested & ~placement_location.distance.known


@rule(
    "392b",
    fields=["Episodes.HOME_POST", "Episodes.PL_POST"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note=_ABROAD,
    departure="A row in an asylum seeker table exempts a child even beside a flag of 0.",
)
def postcode_missing(episodes: Rows, possibly_uasc: list[PerGroup[Mask]]) -> Mask:
    """The home or placement postcode is missing.

    Why: How far from home children are placed is published.
    Fix: Enter both postcodes.
    """
    tested = ~episodes.LS.isin(SHORT_BREAKS) & ~is_any(possibly_uasc, episodes)
    return tested & episodes.any_blank("HOME_POST", "PL_POST")


@rule(
    "392c",
    fields=["Episodes.HOME_POST", "Episodes.PL_POST"],
    dimension="validity",
    fidelity="may over-report",
    fidelity_note="A new postcode may not be in the directory yet.",
)
def postcode_not_in_directory(episodes: Rows, postcodes: Postcodes) -> Mask:
    """The home or placement postcode is not in the directory of postcodes.

    Why: The place, and with it the distance from home, cannot be told.
    Fix: Correct the postcode.
    """
    unknown = episodes.none
    for written in (episodes.HOME_POST, episodes.PL_POST):
        known = postcodes.look_up([*written.vocabulary, ""]).known
        unknown |= written.filled & ~known[written.codes]
    return unknown


@rule(
    "392d",
    fields=["Episodes.HOME_POST", "Episodes.PL_POST", "Episodes.PLACE"],
    departure="Spaces in the postcodes do not count.",
)
def placed_at_home(episodes: Rows) -> Mask:
    """The home and placement postcodes are the same, but the child is not placed with parents.

    Why: The distance from home comes out as nothing.
    Fix: Correct one of the postcodes, or the placement type.
    """
    same = episodes.HOME_POST.filled & (episodes.HOME_POST == episodes.PL_POST)
    return same & (episodes.PLACE != "P1")


@rule(
    "398",
    fields=["Episodes.LS", "Episodes.HOME_POST", "Episodes.PL_POST"],
    fidelity="may over-report",
    fidelity_note="The legal status may be what is wrong.",
)
def postcode_of_short_break(episodes: Rows) -> Mask:
    """A postcode is given for a short break.

    Why: Postcodes are not collected for short breaks.
    Fix: Remove the postcodes, or correct the legal status.
    """
    return episodes.LS.isin(SHORT_BREAKS) & episodes.any_filled("HOME_POST", "PL_POST")


@rule(
    "406",
    fields=["Episodes.PL_DISTANCE", "Episodes.HOME_POST"],
    fidelity="may under-report",
    fidelity_note="Asylum-seeking status before last year is not known.",
    departure="A row in an asylum seeker table counts even beside a flag of 0.",
)
def distance_of_asylum_seeker(
    episodes: Rows, placement_location: PlacementLocation, ever_uasc: list[PerGroup[Mask]]
) -> Mask:
    """A distance from home comes out for a child who is or was an unaccompanied asylum seeker.

    Why: These children have no home in this country to measure from.
    Fix: Leave the home postcode blank, or correct the status.
    """
    return is_any(ever_uasc, episodes) & placement_location.distance.known


@rule("411", fields=["Episodes.PL_LOCATION", "Episodes.PL_LA"])
def location_contradicts_authority(
    episodes: Rows, placement_location: PlacementLocation, authority: LocalAuthority
) -> Mask:
    """The placement is said to lie inside the authority, but its authority is another one.

    Why: The two contradict each other on placements outside the area.
    Fix: Correct the placement location or the authority of placement.
    """
    return (placement_location.location == "IN") & (placement_location.la != authority.ons_code)


@rule("420", fields=["Episodes.PL_LA", "Episodes.PL_POST", "Episodes.LS"])
def authority_of_short_break(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """An authority of placement comes out for a short break.

    Why: It is not collected for short breaks.
    Fix: Remove the placement postcode, or correct the legal status.
    """
    return episodes.LS.isin(SHORT_BREAKS) & placement_location.la.filled


@rule("454", fields=["Episodes.PL_DISTANCE"], since="2025-26", dimension="accuracy")
def very_far_from_home(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """The child is placed more than 350 miles from home.

    Why: Hardly any child is placed so far away, so a postcode may be wrong.
    Fix: Check the home and placement postcodes.
    """
    distance = placement_location.distance
    return (distance > FAR_MILES) & (distance != FARTHEST_MILES)

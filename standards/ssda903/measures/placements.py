"""Where children looked after live, how often they move, and who works with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from csc_data.standards.ssda903.codes import (
    ADOPTIVE,
    FOSTER,
    OTHER_PLACEMENTS,
    PLACEMENT_CHANGES,
    TEMPORARY,
)  # fmt: skip
from csc_data.standards.ssda903.views.placement_location import PlacementLocation
from csc_data.standards.ssda903.views.populations import aged

from csc_data.declare import (
    Amounts,
    Dates,
    Group,
    Mask,
    Membership,
    Numbers,
    OpenPoint,
    OrderedRows,
    Parts,
    PerGroup,
    Period,
    Rows,
    measure,
    measure_family,
)  # fmt: skip

_HERE = ("Episodes.DECOM", "Episodes.DEC", "Episodes.LS")
_PLACED = (*_HERE, "Episodes.PLACE")
_MOVED = (*_PLACED, "Episodes.RNE")
_CHANGED = (*_HERE, "Episodes.RNE", "Episodes.REC")
_FAR = 20
_MANY = 3

KINSHIP_FOSTER = Group("foster care with a relative or friend", "U1 U2 U3")
CHILDRENS_HOMES = Group("secure units and children's homes", "K1 K2")
SUPPORTED = Group("independent living or semi-independent accommodation", "H5 P2").then(
    "2024-25", add="K3", drop="H5 P2"
)
PARENTS = Group("with parents or others with parental responsibility", "P1")
OTHER_RESIDENTIAL = Group("other residential settings", "R1 R2 R3 R5")
RESIDENTIAL_SCHOOLS = Group("residential schools", "S1")
OTHER = Group("residential employment or another placement", "P3") | OTHER_PLACEMENTS

TEMPORARY_PLACEMENTS = OpenPoint(
    "temporary",
    "leave out",
    {"leave out": "temporary placements (T0 to T4) are no placements", "count": "they are placements like others"},
    "our reading of the guide: a child on a temporary move keeps the placement; not found in a published definition",
)
MOVES_WITH_THE_CARER = OpenPoint(
    "same_carer",
    "leave out",
    {"leave out": "a move with the same carer (RNE T, U) is no new placement", "count": "it is one"},
    "the national indicator on stability: the carer stays; not found in a published definition",
)


@measure_family(
    {
        "cla_kinship_foster": {"places": KINSHIP_FOSTER},
        "cla_place_foster": {"places": FOSTER},
        "cla_place_childrens_homes": {"places": CHILDRENS_HOMES},
        "cla_place_supported_accommodation": {"places": SUPPORTED},
        "cla_place_placed_with_parents": {"places": PARENTS},
        "cla_place_placed_for_adoption": {"places": ADOPTIVE},
        "cla_place_other_residential": {"places": OTHER_RESIDENTIAL},
        "cla_place_residential_schools": {"places": RESIDENTIAL_SCHOOLS},
        "cla_place_other": {"places": OTHER},
    },
    fields=_PLACED,
    by=("PLACE_PROVIDER",),
)
def placed_in(looked_after_31_march: Rows, places: Group) -> Membership:
    """Of the children looked after at the end of 31 March, those whose placement then is one of: {places}."""
    return Membership(
        looked_after_31_march,
        looked_after_31_march.PLACE.isin(places),
        unknown=looked_after_31_march.PLACE.blank,
    )


@measure("cla_under16_supported_accommodation", fields=(*_PLACED, "Header.DOB"))
def under_16_in_supported_accommodation(
    looked_after_31_march: Rows, born: PerGroup[Dates], period: Period
) -> Membership:
    """Children under 16 looked after at the end of 31 March in supported accommodation, where there should be none."""
    birth: Dates = born.on(looked_after_31_march)
    here = looked_after_31_march.where(~birth.known | aged(birth, period, 0, 15))
    supported = here.PLACE.isin(SUPPORTED)
    age_known = born.on(here).known
    return Membership(here, supported & age_known, unknown=here.PLACE.blank | (supported & ~age_known))


@measure("cla_place_provider_private", fields=(*_HERE, "Episodes.PLACE_PROVIDER"), by=("PLACE",))
def by_provider(looked_after_31_march: Rows) -> Parts:
    """The children looked after at the end of 31 March by who provides their placement."""
    return Parts(looked_after_31_march, "placement provider", looked_after_31_march.PLACE_PROVIDER)


@measure("cla_over_20_miles", fields=(*_HERE, "Episodes.HOME_POST", "Episodes.PL_POST"), by=("PLACE",))
def far_from_home(looked_after_31_march: Rows, placement_location: PlacementLocation) -> Membership:
    """Of the children looked after at the end of 31 March, those placed more than 20 miles from home in a straight line;
    children whose distance is not known stay in the denominator.
    """
    miles = placement_location.distance.take(looked_after_31_march.positions)
    return Membership(looked_after_31_march, miles > _FAR, unknown=~miles.known)


@measure("cla_outside_la_boundary", fields=(*_HERE, "Episodes.PL_POST"), by=("PLACE",))
def outside_the_authority(looked_after_31_march: Rows, placement_location: PlacementLocation) -> Membership:
    """Of the children looked after at the end of 31 March, those placed outside the area of the authority."""
    where = placement_location.location.take(looked_after_31_march.positions)
    return Membership(looked_after_31_march, where == "OUT", unknown=where.blank)


@measure("cla_placement_distance_median", fields=(*_HERE, "Episodes.HOME_POST", "Episodes.PL_POST"), places=1)
def distance(looked_after_31_march: Rows, placement_location: PlacementLocation) -> Amounts:
    """The median distance in miles between home and placement, of the children looked after at the end of 31 March whose
    distance is known.
    """
    return Amounts(looked_after_31_march, placement_location.distance.take(looked_after_31_march.positions), "median")


@measure("cla_3plus_placements", fields=_MOVED, by=("PLACE",), open_points=(TEMPORARY_PLACEMENTS, MOVES_WITH_THE_CARER))
def three_placements(
    lasting_care: Rows, looked_after_31_march: Rows, period: Period, temporary: str, same_carer: str
) -> Membership:
    """Of the children looked after at the end of 31 March, those with three or more placements in the year, the one that
    was held over from the year before included. A placement that ended on the first day of the year is not in it.
    """
    placements = _placements_in_year(lasting_care, period, temporary, same_carer)[looked_after_31_march.group()]
    return Membership(looked_after_31_march, placements >= _MANY)


@measure(
    "cla_mean_placement_changes", fields=_MOVED, places=2, open_points=(TEMPORARY_PLACEMENTS, MOVES_WITH_THE_CARER)
)
def placement_changes(
    lasting_care: Rows, looked_after_31_march: Rows, period: Period, temporary: str, same_carer: str
) -> Amounts:
    """How many placements beyond their first the children looked after at the end of 31 March had in the year, as a mean."""
    placements = _placements_in_year(lasting_care, period, temporary, same_carer)[looked_after_31_march.group()]
    return Amounts(looked_after_31_march, Numbers(np.maximum(placements - 1.0, 0.0), looked_after_31_march.every))


def _placements_in_year(care: Rows, period: Period, temporary: str, same_carer: str) -> npt.NDArray[np.int64]:
    """How many placements each child had in the year."""
    order, moved = moves(care, temporary, same_carer)
    in_year = (order.DECOM <= period.end) & (~order.DEC.known | (order.DEC > period.start))
    runs = order.runs(moved)
    return order.per_child.count(in_year & ~_follows(runs.numbers, in_year)).values


def moves(care: Rows, temporary: str, same_carer: str) -> tuple[OrderedRows, Mask]:
    """The episodes of each child in order, and which of them begin a placement other than the one before.

    Where temporary placements are left out, their episodes are, and the return from one to the same placement is no move.
    """
    order = care.in_order("DECOM", "DEC")
    after_temporary = order.previous.PLACE.isin(TEMPORARY)
    if temporary == "leave out":
        stays = ~order.PLACE.isin(TEMPORARY)
        order = OrderedRows(order.table, order.positions[stays], order.group()[stays])
        after_temporary = after_temporary[stays]
    moved = order.RNE.isin(("S", "P", "B", "T", "U") if same_carer == "count" else ("S", "P", "B"))
    return order, moved & ~(after_temporary & _same_place(order))


def _same_place(order: OrderedRows) -> Mask:
    """Episodes in the same placement as the one before: the same type, postcode and provider."""
    before = order.previous
    same: Mask = (order.PLACE == before.PLACE) & (order.PL_POST == before.PL_POST) & (order.URN == before.URN)
    return same


def _follows(runs: npt.NDArray[np.int64], mask: Mask) -> Mask:
    """Rows that follow, in their run, one for which the mask holds."""
    held = np.cumsum(mask)
    before_run = np.concatenate(([0], held))[np.searchsorted(runs, runs)]
    follows: Mask = held - mask > before_run
    return follows


@measure("cla_reason_placement_change", fields=(*_CHANGED, "Episodes.REASON_PLACE_CHANGE"), by=("PLACE",))
def reasons_for_change(lasting_care: Rows, period: Period) -> Parts:
    """The placements that ended in the year and were followed by another, by the reason recorded for the change."""
    order = lasting_care.in_order("DECOM", "DEC")
    changed = (order.REC == "X1") & order.next.RNE.isin(PLACEMENT_CHANGES) & order.DEC.within(period.start, period.end)
    changes = order.where(changed)
    return Parts(changes, "reason for placement change", changes.REASON_PLACE_CHANGE)


@measure(
    "cla_3plus_social_workers",
    fields=(*_HERE, "SWEpisodes.SW_ID", "SWEpisodes.SW_DECOM", "SWEpisodes.SW_DEC"),
    by=("PLACE",),
    since="2023-24",
)
def three_social_workers(looked_after_31_march: Rows, sw_episodes: Rows, period: Period) -> Membership:
    """Of the children looked after at the end of 31 March, those with three or more different social workers in the year.
    The same worker twice counts once.
    """
    worked = sw_episodes.where(
        sw_episodes.SW_ID.filled
        & (sw_episodes.SW_DECOM <= period.end)
        & (~sw_episodes.SW_DEC.known | (sw_episodes.SW_DEC >= period.start))
    )
    workers = worked.in_order("SW_ID", "SW_DECOM")
    another = workers.is_first | (workers.SW_ID != workers.previous.SW_ID)
    many: Mask = (workers.per_child.count(another).values >= _MANY)[looked_after_31_march.group()]
    none = ~looked_after_31_march.has_any_in(worked)
    return Membership(looked_after_31_march, many, unknown=none)

"""Rules on who provides a placement: provider code, registration number (URN), and the published lists of providers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from csc_data.standards.ssda903.codes import (
    ADOPTIVE,
    FOSTER,
    NO_PROVIDER,
    OTHER_PLACEMENTS,
    PLACE_PROVIDER,
    SHORT_BREAKS,
    TEMPORARY,
)  # fmt: skip
from csc_data.standards.ssda903.views.placement_location import OUTSIDE_ENGLAND, PlacementLocation

from csc_data.declare import Group, Mask, Period, Rows, Words, rule, rule_family, view
from csc_data.reference.local_authorities import LocalAuthority, upper_tier
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers

PLACEHOLDER = "XXXXXXX"
"""Stands for a URN where there is none to give: foster carers and adopters of the authority's own."""

EPOCH = dt.date(1970, 1, 1)
URN_COLLECTED_FROM = dt.date(2015, 3, 31)
SUPPORTED_MUST_REGISTER_FROM = dt.date(2023, 10, 29)

NO_PROVIDER_CODE = Group("placements without a provider code", "T0 T1 T2 T3 T4 Z1").then(
    "2025-26", add="Z11 Z12 Z13 Z14", drop="T4 Z1"
)
NO_PROVIDER_AT_ALL = TEMPORARY | Group("other placements from 2025-26", "").then("2025-26", add="Z11 Z12 Z13 Z14")
_UNREGISTERED = Group("placements that nobody registers", "P1 P3 R1 R2 R5") | TEMPORARY | OTHER_PLACEMENTS
URN_NOT_NEEDED = _UNREGISTERED | Group("unregulated placements", "H5 P2").then("2024-25", drop="H5 P2")
URN_NOT_ALLOWED = _UNREGISTERED | Group("unregulated placements", "H5 P2").then("2023-24", drop="H5").then(
    "2024-25", drop="P2"
)
AT_LISTED_ADDRESS = (
    Group("homes and schools", "K1 K2 R3 S1").then("2023-24", add="H5").then("2024-25", add="K3", drop="H5")
)
AREA_NOT_COMPARED = Group("placements anywhere", "").then(
    "2025-26", add="K3 P1 P3 R1 R2 R5 T0 T1 T2 T3 T4 Z11 Z12 Z13 Z14"
)
OUTSIDE_ACCEPTED = Group("family placements", "A3 A4 A5 A6 U1 U2 U3 U4 U5 U6").then("2025-26", add="K3")


def _listed_urn(episodes: Rows) -> Mask:
    """Rows with a URN that a list should hold."""
    return episodes.URN.filled & (episodes.URN != PLACEHOLDER)


def _each_pair(left: Words, right: Words, test: Callable[[str, str], bool]) -> Mask:
    """A test of two words a row, asked once for each pair that occurs; a blank is ""."""
    distinct, places = np.unique(np.stack([left.codes, right.codes]), axis=1, return_inverse=True)
    words = ([*left.vocabulary, ""], [*right.vocabulary, ""])
    answers = np.fromiter((test(words[0][one], words[1][other]) for one, other in distinct.T), bool, distinct.shape[1])
    return answers[places.ravel()]


@rule("178", fields=["Episodes.PLACE_PROVIDER"], dimension="validity")
def provider_invalid(episodes: Rows) -> Mask:
    """The placement provider is not one of the codes, or is given for a placement that has none.

    Why: Who provides placements is published.
    Fix: Enter PR0 to PR5, or leave it blank for this placement type.
    """
    provider = episodes.PLACE_PROVIDER
    return provider.filled & (~provider.isin(PLACE_PROVIDER) | episodes.PLACE.isin(NO_PROVIDER_CODE))


@rule("213", fields=["Episodes.PLACE_PROVIDER"])
def provider_of_temporary_placement(episodes: Rows) -> Mask:
    """A provider is given for a placement type that has none.

    Why: Such stays have no provider in the figures.
    Fix: Leave the provider blank, or correct the placement type.
    """
    return episodes.PLACE_PROVIDER.filled & episodes.PLACE.isin(NO_PROVIDER_AT_ALL)


@rule("214", fields=["Episodes.PL_POST", "Episodes.URN"])
def address_of_short_break(episodes: Rows) -> Mask:
    """A placement postcode or URN is given for a short break.

    Why: Neither is collected for short breaks.
    Fix: Remove them, or correct the legal status.
    """
    return episodes.LS.isin(SHORT_BREAKS) & episodes.any_filled("PL_POST", "URN")


@rule(
    "218",
    fields=["Episodes.URN"],
    dimension="completeness",
    fidelity="may under-report",
    fidelity_note="Placements whose postcode is not known are not tested.",
    departure="Only placements known to lie in England are tested, and short breaks never.",
)
def urn_missing(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """The URN is missing for a placement in England that must be registered.

    Why: Placements are matched with inspections by it.
    Fix: Enter the URN of the home, agency or supported accommodation.
    """
    in_england = placement_location.la.filled & ~placement_location.la.isin(OUTSIDE_ENGLAND)
    since_collected = episodes.DEC.blank | (episodes.DEC > URN_COLLECTED_FROM)
    needed = ~episodes.PLACE.isin(URN_NOT_NEEDED) & ~episodes.LS.isin(SHORT_BREAKS)
    return episodes.URN.blank & needed & since_collected & in_england


_LIST_OUT_OF_DATE = "A list that is out of date makes right entries look wrong."


def _codes_by_urn(providers: Providers, column: str) -> dict[str, set[str]]:
    return {urn: set().union(*entries[column]) for urn, entries in providers.by_urn.items()}


@rule(
    "219",
    fields=["Episodes.URN", "Episodes.PLACE"],
    fidelity="may over-report",
    fidelity_note=_LIST_OUT_OF_DATE,
    departure="Every entry of a provider counts, not just one of them.",
)
def placement_type_not_registered(episodes: Rows, providers: Providers) -> Mask:
    """The provider with this URN is not listed for this placement type.

    Why: The URN or the placement type is wrong, and both are published.
    Fix: Correct the URN or the placement type.
    """
    allowed = _codes_by_urn(providers, "placement_codes")
    wrong = _each_pair(episodes.URN, episodes.PLACE, lambda urn, place: place not in allowed.get(urn, ()))
    return _listed_urn(episodes) & wrong


@rule(
    "221",
    fields=["Episodes.PL_POST"],
    fidelity="may over-report",
    fidelity_note=_LIST_OUT_OF_DATE,
    departure="A provider with several settings may place at any of them.",
)
def postcode_not_registered(episodes: Rows, providers: Providers) -> Mask:
    """The placement postcode is not that of any setting of the provider with this URN.

    Why: The home is counted in the wrong place.
    Fix: Correct the postcode or the URN.
    """
    addresses = {urn: set(entries["postcode"]) for urn, entries in providers.by_urn.items()}
    elsewhere = _each_pair(episodes.URN, episodes.PL_POST, lambda urn, post: post not in addresses.get(urn, ()))
    at_address = episodes.PLACE.isin(AT_LISTED_ADDRESS) & ~episodes.LS.isin(SHORT_BREAKS) & episodes.PL_POST.filled
    return _listed_urn(episodes) & at_address & elsewhere


@rule("222", fields=["Episodes.URN"])
def urn_not_allowed(episodes: Rows) -> Mask:
    """A URN is given for a placement type that nobody registers.

    Why: The URN or the placement type is wrong.
    Fix: Remove the URN, or correct the placement type.
    """
    return _listed_urn(episodes) & episodes.PLACE.isin(URN_NOT_ALLOWED)


@rule(
    "224",
    fields=["Episodes.PLACE_PROVIDER"],
    fidelity="may over-report",
    fidelity_note=_LIST_OUT_OF_DATE,
    departure="Every entry of a provider counts, and several codes in one cell are told apart.",
)
def provider_not_registered(episodes: Rows, providers: Providers) -> Mask:
    """The placement provider code is not the one listed for this URN.

    Why: Placements of the authority's own and of others are published apart.
    Fix: Correct the provider code or the URN.
    """
    allowed = _codes_by_urn(providers, "provider_codes")
    wrong = _each_pair(episodes.URN, episodes.PLACE_PROVIDER, lambda urn, code: code not in allowed.get(urn, ()))
    return _listed_urn(episodes) & wrong


_ANY_SETTING_OPEN = "A provider with several settings counts as closed when the last of them is."


def _closed_on(providers: Providers) -> dict[str, float]:
    """The day on which the last setting of a provider closed, in days since 1970; nothing for one with an open setting."""
    entries = providers.entries
    still_open = entries.loc[entries["closed"].isna(), "urn"]
    closed = entries[~entries["urn"].isin(still_open)].groupby("urn")["closed"].max()
    days = (closed.to_numpy().astype("datetime64[D]") - np.datetime64(EPOCH)).astype(float)
    return dict(zip(closed.index.astype(str), days, strict=True))


@rule("227", fields=["Episodes.URN", "Episodes.DECOM"], departure=_ANY_SETTING_OPEN)
def placed_after_provider_closed(episodes: Rows, providers: Providers) -> Mask:
    """The episode began on or after the day the provider closed.

    Why: Nobody can be placed with a provider that has closed.
    Fix: Correct the URN or the start of the episode.
    """
    closed = _closed_on(providers)
    last_day = episodes.URN.numbers(lambda urn: closed.get(urn, np.nan))
    return _listed_urn(episodes) & ((episodes.DECOM - EPOCH) >= last_day)


@rule("228", fields=["Episodes.URN", "Episodes.DEC"], departure=_ANY_SETTING_OPEN)
def stays_after_provider_closed(episodes: Rows, providers: Providers, period: Period) -> Mask:
    """The episode goes on after the day the provider closed.

    Why: Nobody can stay with a provider that has closed.
    Fix: Correct the URN, or end the episode.
    """
    closed = _closed_on(providers)
    last_day = episodes.URN.numbers(lambda urn: closed.get(urn, np.nan))
    return _listed_urn(episodes) & ((episodes.DEC.if_blank(period.end) - EPOCH) > last_day)


@view
def provider_areas(providers: Providers, postcodes: Postcodes, period: Period) -> dict[str, list[str]]:
    """By URN, the authority in which each entry's address lies ("" where that cannot be told)."""
    entries = providers.entries
    areas = upper_tier(postcodes.look_up(entries["postcode"].tolist()).district, period.end)
    found: dict[str, list[str]] = {}
    for urn, area in zip(entries["urn"], areas, strict=True):
        found.setdefault(urn, []).append(area)
    return found


@rule(
    "229",
    fields=["Episodes.URN", "Episodes.PLACE_PROVIDER"],
    departure="A provider with several settings is at fault only if the code fits none of them.",
)
def provider_code_contradicts_area(
    episodes: Rows, provider_areas: dict[str, list[str]], authority: LocalAuthority
) -> Mask:
    """The provider code says own authority (PR1) or another one (PR2), but every address of the provider says otherwise.

    Why: Placements of the authority's own and of others are published apart.
    Fix: Correct the provider code or the URN.
    """
    own = authority.ons_code

    def contradicts(urn: str, code: str) -> bool:
        areas = set(provider_areas.get(urn, ()))
        return own not in areas if code == "PR1" else code == "PR2" and areas == {own}

    compared = _listed_urn(episodes) & ~episodes.PLACE.isin(AREA_NOT_COMPARED)
    return compared & _each_pair(episodes.URN, episodes.PLACE_PROVIDER, contradicts)


@rule(
    "230",
    fields=["Episodes.PLACE", "Episodes.DEC", "Episodes.URN"],
    since="2023-24",
    until="2023-24",
    dimension="completeness",
    fidelity="may under-report",
    fidelity_note="Placements whose postcode is not known are not tested.",
)
def unregistered_supported_accommodation(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """A semi-independent placement (H5) in England went on after 28 October 2023 without a URN.

    Why: Since then such accommodation must be registered.
    Fix: Enter the URN, or end the episode.
    """
    goes_on = (episodes.DEC >= SUPPORTED_MUST_REGISTER_FROM) | episodes.DEC.blank
    no_urn = episodes.URN.blank | (episodes.URN == PLACEHOLDER)
    la = placement_location.la
    return (episodes.PLACE == "H5") & goes_on & no_urn & la.filled & ~la.startswith(("N", "W", "S"))


@rule(
    "241",
    fields=["Episodes.URN"],
    since="2025-26",
    fidelity="may over-report",
    fidelity_note=_LIST_OUT_OF_DATE,
    departure="The placement is compared with where the provider has premises, not with the returning authority.",
)
def supported_accommodation_not_where_provider_is(
    episodes: Rows, providers: Providers, provider_areas: dict[str, list[str]], placement_location: PlacementLocation
) -> Mask:
    """Supported accommodation (K3) lies in an authority where the provider with this URN has no premises.

    Why: The URN or the postcode is wrong.
    Fix: Correct the URN or the placement postcode.
    """
    named = providers.entries.groupby("urn")["authority_of_setting"].agg(set).to_dict()

    def elsewhere(urn: str, la: str) -> bool:
        known = ({*provider_areas.get(urn, ())} | named.get(urn, set())) - {""}
        return bool(known) and la not in known

    la = placement_location.la
    return _listed_urn(episodes) & (episodes.PLACE == "K3") & la.filled & _each_pair(episodes.URN, la, elsewhere)


@rule("242", fields=["Episodes.URN"], since="2025-26", dimension="validity")
def placeholder_outside_families(episodes: Rows) -> Mask:
    """The stand-in XXXXXXX is given as URN for a placement that is neither fostering nor adoption.

    Why: Every other placement has a URN of its own, or none.
    Fix: Enter the URN, or leave it blank.
    """
    return (episodes.URN == PLACEHOLDER) & ~episodes.PLACE.isin(ADOPTIVE | FOSTER)


@rule("243", fields=["Episodes.URN"], since="2025-26")
def urn_outside_england(episodes: Rows, placement_location: PlacementLocation) -> Mask:
    """A URN is given for a placement outside England.

    Why: Providers outside England are not in the register.
    Fix: Remove the URN, or correct the placement postcode.
    """
    return episodes.URN.filled & placement_location.la.isin(OUTSIDE_ENGLAND)


@rule("526", fields=["Episodes.PLACE", "Episodes.PLACE_PROVIDER"], dimension="completeness")
def provider_missing(episodes: Rows) -> Mask:
    """The placement provider is missing for a placement that has one.

    Why: Who provides placements is published.
    Fix: Enter PR0 to PR5.
    """
    return episodes.PLACE_PROVIDER.blank & ~episodes.PLACE.isin(NO_PROVIDER)


_WITH_PARENTS = Group("placed with parents", "P1")
_NEVER_OWN = Group("placed with parents, or in homes and prisons run by others", "P1 R2 R5")


@rule_family(
    {
        "527": {"provider": "PR1", "places": _NEVER_OWN},
        "528": {"provider": "PR2", "places": _NEVER_OWN},
        "529": {
            "provider": "PR3",
            "places": Group(
                "adoptive and foster placements, homes and parents", "A3 A4 A5 A6 K1 K2 P1 U1 U2 U3 U4 U5 U6"
            ),
        },
        "530": {"provider": "PR4", "places": _WITH_PARENTS},
        "531": {"provider": "PR5", "places": _WITH_PARENTS},
    },
    fields=["Episodes.PLACE", "Episodes.PLACE_PROVIDER"],
)
def provider_does_not_fit_placement(episodes: Rows, provider: str, places: Group) -> Mask:
    """The provider {provider} cannot provide this placement ({places}).

    Why: Who provides placements is published.
    Fix: Correct the provider code or the placement type.
    """
    return (episodes.PLACE_PROVIDER == provider) & episodes.PLACE.isin(places)


@rule("550", fields=["Episodes.PLACE", "Episodes.PLACE_PROVIDER"])
def parents_as_provider_elsewhere(episodes: Rows) -> Mask:
    """The provider is the child's parents (PR0), but the child is not placed with them.

    Why: Who provides placements is published.
    Fix: Correct the provider code or the placement type.
    """
    return (episodes.PLACE_PROVIDER == "PR0") & (episodes.PLACE != "P1")


@rule("1008", fields=["Episodes.URN"], departure="Numbers are compared as text, however the list stores them.")
def urn_not_listed(episodes: Rows, providers: Providers) -> Mask:
    """The URN is in none of the lists of providers.

    Why: The placement cannot be matched with a provider.
    Fix: Correct the URN, or load the latest lists.
    """
    known = providers.by_urn
    return _listed_urn(episodes) & ~episodes.URN.test(lambda urn: urn in known)


@rule(
    "1015",
    fields=["Episodes.PL_LA"],
    departure="A placement whose authority is not known is left to the checks on postcodes.",
)
def own_provision_outside_area(
    episodes: Rows, placement_location: PlacementLocation, authority: LocalAuthority
) -> Mask:
    """The authority provides the placement itself (PR1), but it lies outside its area.

    Why: Homes of the authority's own lie in its area, so the provider code or the postcode is wrong.
    Fix: Correct the provider code or the placement postcode.
    """
    la = placement_location.la
    outside = la.filled & (la != "CON") & (la != authority.ons_code)
    settled = episodes.LS.filled & ~episodes.LS.isin(SHORT_BREAKS)
    tested = episodes.PLACE.filled & ~episodes.PLACE.isin(OUTSIDE_ACCEPTED)
    return (episodes.PLACE_PROVIDER == "PR1") & settled & tested & outside

"""The tables of indicators: their columns, and the words that stand in them."""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

from csc_data.files.columns import Columns


class IndicatorStatus(StrEnum):
    """How far an indicator could be worked out."""

    COMPUTED = "computed"
    PARTLY = "partly"
    NOT_COMPUTABLE = "not computable"
    NOT_APPLICABLE = "not applicable"


ALL = "all"
"""Breakdown and category of the rows that are of no breakdown."""

NOT_RECORDED = "not recorded"

INTERNAL = "internal: small numbers are not protected"
"""Stands in every row of a table of figures, so that none loses it."""

PERCENT = "percent"
COUNT = "count"
RATE = "per 10,000 children"
PER = {PERCENT: 100, RATE: 10_000}
"""What shares and rates are counted in."""

ROUNDS_TO_NOUGHT, NOT_DEFINED, NOT_AVAILABLE = "k", "z", "x"
"""Symbols of published tables: above 0 but rounded to it; of nobody, so that there is no figure; not to be had."""

BY_CATEGORY = "by category"
"""Stands in reports where an indicator has no figure of the whole, as its parts make it up."""

INDICATOR_FIGURE_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "title": "what it is called",
        "standard": "standard of the return that it was worked out from",
        "period_start": "first day of the period",
        "period_end": "last day of the period",
        "la": "ONS code of the authority; blank if it was not given",
        "breakdown": "what the figure is broken down by, or all",
        "category": "category of the breakdown, or all",
        "population": "whom the indicator is about",
        "numerator": "how many count, exactly; of a mean the total",
        "denominator": "of how many; of a rate the children of the area, of a mean the number of amounts",
        "value": "the figure, not rounded",
        "unit": "unit of the value",
        "dp": "decimal places with which it is published",
        "shown": "the figure rounded once, halves away from zero, or its symbol; blank where its parts make up the whole",
        "symbol": "k: above 0 but rounded to it; z: of nobody; x: not to be had; blank where there is a figure",
        "lower": "lower limit of what chance alone could make of it, 95 per cent",
        "upper": "upper limit of the same",
        "method": "how the limits were found",
        "lowest": "the figure if every unknown or disputed record went the one way",
        "highest": "the figure if every unknown or disputed record went the other way",
        "sound": "share of the denominator without an unknown or disputed record, from 0 to 1",
        "neighbour_median": "median of the published figures of the statistical neighbours, where given",
        "neighbours_known": "how many neighbours have a figure",
        "neighbours_period": "year of the published figures",
        "status": "computed; partly; not computable; not applicable",
        "reason": "why it could not be worked out, or not in full",
        "parameters": "the option taken at each point that the definition leaves open, and where it comes from",
        "library": "version of csc-data",
        "catalogue": "SHA-256 of the catalogue of the standard",
        "disclosure": "internal: small numbers are not protected",
    },
    period_start=pa.date32(),
    period_end=pa.date32(),
    numerator=pa.float64(),
    denominator=pa.float64(),
    value=pa.float64(),
    dp=pa.int64(),
    lower=pa.float64(),
    upper=pa.float64(),
    lowest=pa.float64(),
    highest=pa.float64(),
    sound=pa.float64(),
    neighbour_median=pa.float64(),
    neighbours_known=pa.int64(),
)
"""Columns of the table of figures: one row an indicator, and one for each category of each breakdown. A closed set."""

IN_DOUBT_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "child": "whose record it is",
        "counted": "whether the record is in the numerator as it stands",
        "unknown": "whether that cannot be known",
        "items": "items with an error",
    },
    counted=pa.bool_(),
    unknown=pa.bool_(),
)
"""Columns of the table of records in doubt."""

CHANGE_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "title": "what it is called",
        "breakdown": "what the figure is broken down by, or all",
        "category": "category of the breakdown, or all",
        "unit": "unit of the values",
        "previous_value": "the figure that the earlier return gives now",
        "value": "this year's figure",
        "change": "this return's less the earlier one's",
        "lower": "lower limit of the change of a percentage, in points",
        "upper": "upper limit of the same: where the two hold 0, chance alone could explain the change",
    },
    previous_value=pa.float64(),
    value=pa.float64(),
    change=pa.float64(),
    lower=pa.float64(),
    upper=pa.float64(),
)
"""Columns of the table of changes on last year."""

VISIBILITY_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "title": "what it is called",
        "breakdown": "the characteristic",
        "category": "the group",
        "numerator": "how many of the group count",
        "denominator": "of how many",
        "others_numerator": "how many of all others count",
        "others_denominator": "of how many",
        "visibility": "seen; too few for a conclusion; hidden in publications; nobody",
        "smallest_difference_up": "points above the others that the comparison would see four times in five",
        "smallest_difference_down": "points below the others that it would see",
        "rung": "the first rung of pooling at which the group could carry a conclusion, by its size alone",
        "words": "the smallest differences in a sentence",
        "disclosure": "internal: small numbers are not protected",
    },
    numerator=pa.int64(),
    denominator=pa.int64(),
    others_numerator=pa.int64(),
    others_denominator=pa.int64(),
    smallest_difference_up=pa.float64(),
    smallest_difference_down=pa.float64(),
)
"""Columns of the visibility table: one row an indicator and group."""

BENEFIT_COLUMNS = Columns(
    {
        "indicator": "name of the indicator",
        "title": "what it is called",
        "goal": "outcome or enabler of the national framework that it serves",
        "published": "where it is published",
        "status": "computed; partly; not computable; not applicable",
        "reason": "why it could not be worked out, or not in full",
        "shown": "the figure as it would be published, or its symbol; blank where its parts make up the whole",
        "unit": "unit of the figure",
        "numerator": "how many count; of a mean the total",
        "denominator": "of how many, or of how many children of the area",
        "lower": "lower limit of what chance alone could make of it",
        "upper": "upper limit of the same",
        "lowest": "the figure if every unknown or disputed record went the one way",
        "highest": "the figure if every such record went the other way",
        "moves": "how far the figure could move at most",
        "records": "how many records are unknown or disputed",
        "neighbour_median": "median of the published figures of the statistical neighbours, where given",
        "neighbours_known": "how many neighbours have a figure",
        "neighbours_period": "year of the published figures",
        "within_chance": "whether the median of the neighbours lies within what chance could make of the figure",
        "disclosure": "internal: small numbers are not protected",
    },
    numerator=pa.float64(),
    denominator=pa.float64(),
    lower=pa.float64(),
    upper=pa.float64(),
    lowest=pa.float64(),
    highest=pa.float64(),
    moves=pa.float64(),
    records=pa.int64(),
    neighbour_median=pa.float64(),
    neighbours_known=pa.int64(),
)
"""Columns of the table of what an authority gets back: one row an indicator that its returns feed."""

DAMAGE_COLUMNS = Columns(
    {
        "rule": "code of the rule, or what is not known",
        "title": "what is wrong",
        "indicator": "name of the indicator whose figure it damages",
        "indicator_title": "what the indicator is called",
        "children": "how many whose records it damages count towards the figure",
        "moves": "how far the figure could move by them at most, in its unit",
        "unit": "unit of the figure",
        "figures": "how many figures the rule damages",
        "disclosure": "internal: small numbers are not protected",
    },
    children=pa.int64(),
    moves=pa.float64(),
    figures=pa.int64(),
)
"""Columns of the table of damage: one row a rule and indicator, rules that damage most published figures first."""

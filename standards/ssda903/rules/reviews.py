"""Rules on reviews."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import REVIEW_CODE, SHORT_BREAKS

from csc_data.declare import Flags, Group, Mask, Rows, rule

AGED_4_OR_OVER = Group("took part, or could have", "PN1 PN2 PN3 PN4 PN5 PN6 PN7")


@rule("167", fields=["Reviews.REVIEW_CODE"], dimension="validity")
def participation_invalid(reviews: Rows) -> Mask:
    """How the child took part in a review is missing or no valid code, or is given without a review.

    Why: The share of children who take part in their reviews is published.
    Fix: Enter PN0 to PN7, and the date of the review.
    """
    valid = reviews.REVIEW.filled & reviews.REVIEW_CODE.isin(REVIEW_CODE)
    return ~valid & reviews.any_filled("REVIEW", "REVIEW_CODE")


@rule(
    "399",
    fields=["Episodes.LS", "Header.MOTHER", "Reviews.REVIEW", "Reviews.REVIEW_CODE"],
    per="child",
)
def details_of_short_breaks(episodes: Rows, header: Rows, reviews: Rows) -> Flags:
    """Mother status or a review is given for a child who had short breaks only.

    Why: Neither is collected for children on short breaks.
    Fix: Remove them, or correct the legal status of the episodes.
    """
    only_breaks = episodes.per_child.all(episodes.LS.isin(SHORT_BREAKS))
    mother = header.MOTHER.filled
    reviewed = reviews.any_filled("REVIEW", "REVIEW_CODE")
    any_mother, any_review = header.per_child.any(mother), reviews.per_child.any(reviewed)
    return (
        episodes.flag(only_breaks.on(episodes) & (any_mother.on(episodes) | any_review.on(episodes)))
        | header.flag(only_breaks.on(header) & (mother | any_review.on(header)))
        | reviews.flag(only_breaks.on(reviews) & (reviewed | any_mother.on(reviews)))
    )


@rule(
    "440",
    fields=["Reviews.DOB", "Reviews.REVIEW", "Reviews.REVIEW_CODE"],
    departure="A review on the fourth birthday counts as one of a child of 4.",
)
def reviewed_as_under_4(reviews: Rows) -> Mask:
    """The review is coded as that of a child under 4, but the child was 4 or over.

    Why: Children of 4 and over count in the share that takes part.
    Fix: Enter how the child took part, or correct the date.
    """
    return (reviews.REVIEW_CODE == "PN0") & (reviews.REVIEW >= reviews.DOB.plus_years(4))


@rule("441", fields=["Reviews.DOB", "Reviews.REVIEW", "Reviews.REVIEW_CODE"])
def reviewed_as_4_or_over(reviews: Rows) -> Mask:
    """The review is coded as that of a child of 4 or over, but the child was under 4.

    Why: Children under 4 do not count in the share that takes part.
    Fix: Enter PN0, or correct the date.
    """
    return reviews.REVIEW_CODE.isin(AGED_4_OR_OVER) & (reviews.REVIEW < reviews.DOB.plus_years(4))

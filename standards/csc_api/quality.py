"""What the quality of the feed is measured by, beyond its tables and rules."""

from __future__ import annotations

from csc_data.declare import AgeBands, Characteristic, Coverage, QualityFacts

QUALITY = QualityFacts(
    characteristics=(
        AgeBands("age", "ChildDetails.date_of_birth", expected="ChildDetails.expected_date_of_birth"),
        Characteristic("sex", ("ChildDetails.sex",)),
        Characteristic("ethnicity", ("ChildDetails.ethnicity",)),
    ),
    coverage=(
        Coverage("children with details", "Children", ("ChildDetails",)),
        Coverage("children with an episode of social care", "Children", ("SocialCareEpisodes",)),
        Coverage("children with details whose disabilities are sent", "ChildDetails", ("Disabilities",)),
        Coverage(
            "children with a finished assessment who have a factor",
            "ChildAndFamilyAssessments",
            ("AssessmentFactors",),
            lambda rows: rows.authorisation_date.filled,
        ),
    ),
    unknown={
        "ChildDetails.sex": "U",
        "ChildDetails.ethnicity": "REFU NOBT",
        "ChildDetails.unique_pupil_number_unknown_reason": "UN4 UN5 UN6 UN8",
        "SocialCareEpisodes.referral_source": "10",
        "CareLeavers.accommodation": "R",
    },
    identifiers=("ChildDetails.unique_pupil_number",),
    identity=("ChildDetails.date_of_birth", "ChildDetails.sex", "ChildDetails.postcode"),
)

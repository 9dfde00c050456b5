"""What each state of the feed was checked against."""

from __future__ import annotations

from csc_data.declare import OfficialDocument, Verification

_PUBLISHED = {
    "0.7.0": "2025-03-12",
    "0.8.0": "2025-03-28",
    "0.8.0-2025-11-03": "2025-11-03",
    "0.8.1": "2025-11-13",
    "1.0.0": "2026-02-27",
    "1.0.1": "2026-05-19",
}
"""The day on which the Department published each state of its schema."""


def _verification(label: str, published: str) -> Verification:
    schema = OfficialDocument("the Department's OpenAPI file of the children's social care data API", published, label)
    return Verification(
        items=(schema,),
        rules=(schema,),
        rules_rest_on=(
            'the schema where they are labelled "will be refused", on the code lists and guides of the yearly returns where '
            'they are labelled "against the guidance", and on our own judgement where they are labelled "ours"'
        ),
        doubts=(
            "The schema holds no code lists: codes are held against those of the yearly returns.",
            "Who belongs to the feed and how far it reaches back are not in the schema: both are as the sector's open "
            "extract has them.",
            "What a deletion takes with it is our reading of one sentence an object in the file.",
        ),
    )


VERIFICATION = {name: _verification(name.partition("-")[0], published) for name, published in _PUBLISHED.items()}

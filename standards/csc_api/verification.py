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
    schema = OfficialDocument("the Department's OpenAPI file", published, label)
    return Verification(
        items=(schema,),
        rules=(schema,),
        doubts=(
            "The schema holds no code lists: codes are held against those of the yearly returns.",
            'Only the checks labelled "will be refused" are those of the schema; no official source states the others.',
        ),
    )


VERIFICATION = {name: _verification(name.partition("-")[0], published) for name, published in _PUBLISHED.items()}

"""What each version of the census was checked against, and which newer documents of the Department could not be read."""

from __future__ import annotations

from csc_data.declare import OfficialDocument, Verification

GUIDE_2023 = OfficialDocument("the children in need census guide 2023-24", "2022-10", "1.0")
"""Read in full. It holds items, codes, notes and checks of a return as a whole, but not the validation rules."""

_RULES = "the validator in common use, as weighed against what the guide of 2023-24 says of rules"
_GUIDE_OF_ANOTHER_YEAR = (
    "The guide read is that of 2023-24; what has changed since is taken from the validator in common use."
)
_SINCE_2023 = "That the year-on-year checks and the set notes go on as in 2023-24 is inferred."

VERIFICATION = {
    "2022-23": Verification(
        items=(GUIDE_2023,),
        codes=(GUIDE_2023,),
        rules_rest_on=_RULES,
        unread=(OfficialDocument("the children in need census validation rules 2022-23", "2022-10-25"),),
        doubts=(
            "The guide read is that of the year after.",
            "Rules 4009, 8525, 8555, 8569, 8863, 8873 and 8897 may have been errors: that they are queries is confirmed "
            "from 2023-24 on.",
            "Rules 8617 (factor 8A) and 8899Q (a disabled child without factor 5A or 6A) may have been in force: that they "
            "were removed is confirmed from 2023-24 on. They are not checked.",
        ),
    ),
    "2023-24": Verification(items=(GUIDE_2023,), codes=(GUIDE_2023,), rules_rest_on=_RULES),
    "2024-25": Verification(
        items=(GUIDE_2023,),
        codes=(GUIDE_2023,),
        rules_rest_on=_RULES,
        doubts=(_GUIDE_OF_ANOTHER_YEAR, _SINCE_2023),
    ),
    "2025-26": Verification(
        items=(GUIDE_2023,),
        codes=(GUIDE_2023,),
        rules_rest_on="those of 2024-25, as the validator in common use holds none of 2025-26",
        newer_rules=(OfficialDocument("the children in need census validation rules 2025-26", "2025-11-26"),),
        unread=(
            OfficialDocument("the children in need census guide 2025-26", "2025-10", "1.1"),
            OfficialDocument("the children in need census specification 2025-26", "2024-11", "1.0"),
            OfficialDocument("the children in need census COLLECT reports 2025-26", "2024-10"),
        ),
        doubts=(_GUIDE_OF_ANOTHER_YEAR, _SINCE_2023),
    ),
    "2026-27": Verification(
        items=(GUIDE_2023,),
        codes=(GUIDE_2023,),
        rules_rest_on="those of 2024-25, and for module 5 a draft of the validator in common use of January 2026, which "
        "quotes the Department's statements",
        newer_rules=(OfficialDocument("the children in need census validation rules 2026-27", "2026-02-25"),),
        unread=(
            OfficialDocument("the children in need census guide 2026-27", "2025-11", "1.0"),
            OfficialDocument("the children in need census specification 2026-27", "2026-02-25", "1-0"),
        ),
        doubts=(
            _GUIDE_OF_ANOTHER_YEAR,
            "Module 5 was checked against no official document: its items, codes and rules are those of the draft.",
            _SINCE_2023,
        ),
    ),
}

"""What each version of the return was checked against, and which newer documents of the Department could not be read."""

from __future__ import annotations

from csc_data.declare import OfficialDocument, Verification

_RULES = (
    "the validator in common use{which}, corrected by about 200 of the Department's statements that are publicly quoted"
)
_ETHNICITY = (
    "The guide of 2025-26 lists extended ethnicity codes (WOWB, WTUR, WGRE and others), that of 2026-27 speaks of approved "
    "ones. The code list holds the 20 main codes alone, so that rule 103 may report a code which the Department accepts."
)

VERIFICATION = {
    "2022-23": Verification(rules_rest_on=_RULES.format(which="")),
    "2023-24": Verification(rules_rest_on=_RULES.format(which="")),
    "2024-25": Verification(
        rules_rest_on=_RULES.format(which=", which follows version 1.2 of the official rules"),
        newer_rules=(OfficialDocument("the children looked after validation rules 2024-25", "2025-04", "1.3"),),
        unread=(OfficialDocument("the children looked after guide 2024-25", "2025-04", "1.3"),),
    ),
    "2025-26": Verification(
        rules_rest_on=_RULES.format(
            which=" as of 1 May 2026, which is later than the last known change of the official rules (30 October 2025)"
        ),
        unread=(
            OfficialDocument("the children looked after validation rules 2025-26", "2025-10-30"),
            OfficialDocument("the children looked after guide 2025-26", "2025-10", "1.2"),
            OfficialDocument("the children looked after specification 2025-26", "2024-10", "1.0"),
        ),
        doubts=(_ETHNICITY,),
    ),
    "2026-27": Verification(
        rules_rest_on=_RULES.format(which=" as of 2 December 2025"),
        newer_rules=(OfficialDocument("the children looked after validation rules 2026-27", "2026-06-04"),),
        unread=(
            OfficialDocument("the children looked after guide 2026-27", "2025-10", "1.0"),
            OfficialDocument("the children looked after specification 2026-27", "2025-10", "1.0"),
        ),
        doubts=(_ETHNICITY,),
    ),
}

from __future__ import annotations

import copy
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import csc_data
from csc_data.analysis.burden import change_case
from csc_data.analysis.burden.metrics import CHANGE_METRICS
from csc_data.errors import UsageError
from csc_data.metadata.code_sets import code_sets
from csc_data.metadata.differences import differences
from csc_data.metadata.draft import draft, draft_schema, read_draft
from csc_data.reporting.burden import print_markdown
from csc_data.reporting.change_case import markdown

EXAMPLE = Path(__file__).parents[3] / "fixtures" / "drafts" / "family_group_meetings.toml"
SMALL: dict[str, Any] = {"title": "A test", "base": "ssda903/2026-27", "year": "2027-28"}


def document() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text())


def test_the_example_is_laid_over_its_base() -> None:
    new = read_draft(EXAMPLE)
    changed = differences(new.base, new)
    assert new.id == "ssda903/2027-28 (draft)"
    assert set(changed.names("item", "added")) == {
        "FamilyMeetings.CHILD", "FamilyMeetings.FGM_DATE", "FamilyMeetings.FGM_OFFER",
    }  # fmt: skip
    assert changed.names("item", "removed") == ("OC2.HEALTH_CHECK",)
    assert changed.names("code", "added") == ("reason for placement change: FAMIL",)
    assert changed.names("rule", "added") == ("DRAFT-1",)
    assert {"545", "182"} <= set(changed.names("rule", "changed"))
    assert "Rule 545 has to be rewritten without the items removed." in new.follows


def test_the_base_is_left_as_it_was() -> None:
    base = csc_data.standard("ssda903/2026-27")
    before = (len(base.rules), {name: list(items) for name, items in base.items.items()})
    read_draft(EXAMPLE)
    assert before == (len(base.rules), {name: list(items) for name, items in base.items.items()})


def test_the_example_by_hand() -> None:
    new = read_draft(EXAMPLE)
    card = change_case(new.base, new).card
    # Two items added, one removed, one redefined; two copies of identifiers are no items.
    assert (card.count("C.items_added"), card.count("C.items_removed"), card.count("C.items_changed")) == (2, 1, 1)
    assert card.count("C.net") == 1
    assert card.count("C.churn") == pytest.approx(100 * 4 / 55)
    # One code added; the two codes of the item removed go with it.
    assert (card.count("C.codes_added"), card.count("C.codes_removed")) == (1, 2)
    assert card.estimate("C.index")[1] == pytest.approx(4 * 1 + 3 * 0.2 + 8 * 0.3)
    assert card.estimate("C.hours") == (3 * 4, 3 * 16, 3 * 60)
    assert card.estimate("C.recurring_hours") == (0, 2, 10)
    assert card.estimate("C.oneoff") == (12 * 20 * 153, 48 * 28 * 153, 180 * 38 * 153)
    assert card.estimate("C.recurring") == (0, 2 * 28 * 153, 10 * 38 * 153)
    assert card.estimate("T7") == (12 * 20 * 153, (48 + 6) * 28 * 153, (180 + 30) * 38 * 153)
    assert card.count("C.duplicates") == 2
    assert (card.count("C.gained"), card.count("C.lost")) == (1, 1)
    # 1 December 2026 to 1 April 2027.
    assert (card.count("C.notice"), card.count("C.spare")) == (121, 121 - 183)
    assert card.estimate("C.lead") == pytest.approx((365.25, 547.875, 730.5))


def test_what_is_taken_away_costs_less_and_stays_in_order() -> None:
    new = draft(SMALL | {"remove": {"items": ["OC2.TEETH_CHECK", "OC2.IMMUNISATIONS"]}})
    card = change_case(new.base, new).card
    assert card.estimate("C.recurring_hours") == (-20, -4, 0)
    low, central, high = card.estimate("T7")
    assert low < central < high == 0
    assert "C.values" in set(card.not_computed["metric"])


def test_expected_values_change_where_a_volume_is_published() -> None:
    new = draft(SMALL | {"remove": {"items": ["PrevPerm.LA_PERM"]}})
    assert change_case(new.base, new).card.estimate("C.values") == (-32_270, -32_270 / 2, 0)


def test_versions_in_force() -> None:
    case = change_case(csc_data.standard("ssda903/2024-25"), csc_data.standard("ssda903/2025-26"))
    assert (case.card.count("C.codes_added"), case.card.count("C.codes_removed")) == (4, 1)
    assert case.notice is None
    assert "C.notice" in set(case.card.not_computed["metric"])
    assert "is not recorded, so the notice is not known" in markdown(case)
    with pytest.raises(UsageError, match="not of one collection"):
        change_case(csc_data.standard("cin/2024-25"), csc_data.standard("ssda903/2025-26"))
    with pytest.raises(UsageError, match="with itself"):
        change_case(csc_data.standard("cin/2024-25"), csc_data.standard("cin/2024-25"))


def test_a_code_changes_in_every_item_that_uses_its_set() -> None:
    base = csc_data.standard("ssda903/2026-27")
    sets = code_sets(item for items in base.items.values() for item in items.values()).values()
    shared = next(entry for entry in sets if len(entry.items) > 1)
    new = draft(SMALL | {"add": {"codes": [{"item": shared.fields[0], "code": "NEW", "label": "Not known"}]}})
    for item in shared.items:
        codes = new.items[item.table][item.name].codes
        assert codes and codes.at(new.version)["NEW"] == "Not known"
    assert differences(new.base, new).counts()["code"] == {"added": 1, "removed": 0, "changed": 0}
    changed = draft(
        SMALL
        | {
            "change": {"codes": [{"item": "Episodes.PLACE", "code": "U1", "label": "With family or friends"}]},
            "remove": {"codes": [{"item": "Episodes.PLACE", "code": "U2"}]},
        }
    )
    assert differences(changed.base, changed).counts()["code"] == {"added": 0, "removed": 1, "changed": 1}


def test_a_rule_can_be_changed_and_removed() -> None:
    new = draft(SMALL | {"change": {"rules": [{"code": "142", "severity": "query"}]}, "remove": {"rules": ["144"]}})
    changed = differences(new.base, new)
    assert changed.names("rule", "changed") == ("142",)
    assert changed.names("rule", "removed") == ("144",)
    assert new.rules["142"].severity == "query" and new.base.rules["142"].severity == "error"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"titel": "x"}, "titel"),
        ({"year": "2027"}, "year"),
        ({"year": "2027-29"}, "not a reporting year"),
        ({"year": "2025-26"}, "does not come after"),
        ({"base": "ssda903/1999-00"}, "no standard for 1999-00"),
        ({"published": "2026-02-31"}, "not a day"),
        (
            {"add": {"items": [{"item": "OC2.NEW", "title": "x", "definition": "y", "kind": "colour"}]}},
            "number 1, kind",
        ),
        (
            {"add": {"items": [{"item": "Nowhere.NEW", "title": "x", "definition": "y", "kind": "date"}]}},
            "no table Nowhere",
        ),
        (
            {"add": {"items": [{"item": "OC2.DOB", "title": "x", "definition": "y", "kind": "date"}]}},
            "already has an item",
        ),
        ({"add": {"codes": [{"item": "OC2.DOB", "code": "1", "label": "x"}]}}, "has no code set"),
        ({"add": {"codes": [{"item": "Episodes.LS", "code": "C2", "label": "x"}]}}, "already has code C2"),
        ({"remove": {"codes": [{"item": "Episodes.LS", "code": "C99"}]}}, "has no code C99"),
        ({"remove": {"items": ["OC2.NOTHING"]}}, "no item OC2.NOTHING"),
        ({"remove": {"rules": ["99999"]}}, "no rule 99999"),
        ({"change": {"rules": [{"code": "142", "fields": ["OC2.NOTHING"]}]}}, "no item OC2.NOTHING"),
        ({"add": {"tables": [{"name": "OC2", "definition": "x"}]}}, "already has a table OC2"),
        ({"add": {"rules": [{"code": "142", "title": "x", "severity": "error", "fields": ["OC2.DOB"]}]}}, "a rule 142"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_with_the_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        draft(SMALL | change)


def test_every_fault_of_a_draft_is_listed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        draft(SMALL | {"remove": {"items": ["OC2.A", "OC2.B"], "rules": ["99999"]}})
    assert all(word in str(refused.value) for word in ("OC2.A", "OC2.B", "99999"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_draft(tmp_path / "absent.toml")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UsageError, match="JSON"):
        read_draft(tmp_path / "bad.json")


def test_json_and_toml_are_one_form(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document(), default=str))
    first, other = (change_case(new.base, new).to_dict() for new in (read_draft(path), read_draft(EXAMPLE)))
    assert first == other


def test_the_schema_describes_every_word_of_the_example() -> None:
    changed = copy.deepcopy(document())
    changed["add"]["items"][0]["surprise"] = 1
    with pytest.raises(UsageError, match="surprise"):
        draft(changed)
    assert draft_schema()["additionalProperties"] is False


def test_every_metric_is_there_or_says_why_not_and_every_heading_is_answered() -> None:
    new = read_draft(EXAMPLE)
    case = change_case(new.base, new, {"A11": 8})
    card = case.card
    there = [*card.counts["metric"], *card.estimates["metric"], *card.not_computed["metric"]]
    assert sorted(there) == sorted(CHANGE_METRICS)
    text = markdown(case)
    for heading in (
        "Why it is needed", "Is every item essential?", "Is it held elsewhere already?", "What it will be used for",
        "What authorities get back", "Work of an authority", "New burdens", "Notice", "Assumptions", "must not be read as",
    ):  # fmt: skip
        assert f"## {heading}" in text or heading in text
    assert "changed by you" in text
    assert "No justification recorded." in text
    assert "Not looked for, as no concept of the crosswalk is named: FamilyMeetings.FGM_DATE." in text
    assert "PreProceedingsandFGDM.FGDMMeetingOffer" in text
    shown = {*card.estimates["must_not_claim"], *card.counts.query("metric in ['C.net', 'C.gained']")["must_not_claim"]}
    assert all(claim in text for claim in shown - {"that every supplier needs so long"})
    out = io.StringIO()
    print_markdown(text, file=out)
    assert "Is every item essential?" in out.getvalue()

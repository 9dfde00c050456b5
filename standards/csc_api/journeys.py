"""Invented messages: the same invented children as in the two yearly returns, as the feed would send them.

Nobody here is real. Children in need are those of an invented census, looked after children and care leavers those of an
invented return of children looked after. What neither of them asks for, such as names and identifiers of plans, is made up.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from random import Random

import pandas as pd
from csc_data.standards.cin.collection import CIN
from csc_data.standards.ssda903.collection import SSDA903

from csc_data.declare import Drawn, Standard

YEAR = "2025-26"
SENT = dt.date(2026, 3, 31)
"""The day on which an invented message is sent: the last of the year of the returns."""

WINDOW = dt.date(2023, 4, 1)
"""The first day of the window of that day."""

_DAY = dt.timedelta(days=1)
_FIRST_NAMES = ("Alder", "Briar", "Clover", "Fern", "Hazel", "Linden", "Rowan", "Willow")
_SURNAMES = ("Ashdown", "Beckford", "Coldwell", "Dunmore", "Eastley", "Fairholm", "Granby", "Holloway")
_HOMES = ("NW7 0EE", "HA8 9UD", "N12 9YD", "N20 9FH")

Row = dict[str, str]


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """A message about so many children; there is nothing to compare with the day before."""
    message = _Message(standard, seed)
    looked_after = children // 3
    census = CIN.draw(CIN.standard(YEAR), children - looked_after, seed)
    message.take_census(census.tables)
    if looked_after:
        message.take_looked_after(SSDA903.draw(SSDA903.standard(YEAR), looked_after, seed).tables)
    no_providers = pd.DataFrame(columns=["urn", "placement code"])
    return Drawn(message.tables(), {}, census.authority, no_providers, last_day=SENT)


def iso(text: str) -> str:
    """A date of the return of children looked after, dd/mm/yyyy, as the feed writes it; "" for none."""
    day, month, year = text.split("/") if text else ("", "", "")
    return f"{year}-{month}-{day}" if text else ""


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.fillna("").to_dict("records"):
        yield {str(item): str(cell) for item, cell in row.items()}


def _by_child(table: pd.DataFrame, child: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in _rows(table):
        found.setdefault(row[child], []).append(row)
    return found


class _Message:
    """Lays out the rows of a message, table by table."""

    def __init__(self, standard: Standard, seed: int) -> None:
        self._standard = standard
        self._draw = Random(f"{standard.id} {seed}")
        self._made: dict[str, list[Row]] = {name: [] for name in standard.models}
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._taken: set[str] = set()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the version."""
        return {
            name: pd.DataFrame(rows, columns=list(self._standard.items[name]), dtype=object).replace("", None)
            for name, rows in self._made.items()
        }

    def _add(self, table: str, **cells: str) -> None:
        self._made[table].append(cells)

    def _number(self, child: str, letter: str) -> str:
        """A lasting number of a record of a child."""
        self._numbers[child, letter] += 1
        return f"{letter}{child}{self._numbers[child, letter]}"

    def _child(self, child: str, **details: str) -> None:
        self._taken.add(child)
        self._add("Children", la_child_id=child, mis_child_id=f"M{child}")
        self._add(
            "ChildDetails",
            la_child_id=child,
            first_name=self._draw.choice(_FIRST_NAMES),
            surname=self._draw.choice(_SURNAMES),
            **{"postcode": self._draw.choice(_HOMES), **details},
        )

    # From the census.

    def take_census(self, tables: dict[str, pd.DataFrame]) -> None:
        """The children of a census of children in need."""
        by_table = {name: _by_child(table, "LAchildID") for name, table in tables.items() if "LAchildID" in table}
        for child, (who, *_) in by_table["ChildIdentifiers"].items():
            (characteristics,) = by_table["ChildCharacteristics"][child]
            self._child(
                child,
                unique_pupil_number=who["UPN"],
                unique_pupil_number_unknown_reason=who["UPNunknown"],
                date_of_birth=who["PersonBirthDate"],
                expected_date_of_birth=who["ExpectedPersonBirthDate"],
                sex=who["Sex"],
                ethnicity=characteristics["Ethnicity"],
            )
            for row in by_table["Disabilities"].get(child, []):
                self._add("Disabilities", la_child_id=child, disability=row["Disability"])
            own = {name: rows.get(child, []) for name, rows in by_table.items()}
            for episode in own["CINdetails"]:
                self._episode_of_need(child, episode, own)

    def _episode_of_need(self, child: str, episode: Row, own: dict[str, list[Row]]) -> None:
        number, closed = self._number(child, "E"), episode["CINclosureDate"]
        keys = {"la_child_id": child, "social_care_episode_id": number}
        self._add(
            "SocialCareEpisodes",
            **keys,
            referral_date=episode["CINreferralDate"],
            referral_source=episode["ReferralSource"],
            referral_no_further_action_flag="true" if episode["ReferralNFA"] == "1" else "false",
            closure_date=closed,
            closure_reason=episode["ReasonForClosure"],
        )
        rows = {
            name: [row for row in found if row.get("CINdetailsID") == episode["CINdetailsID"]]
            for name, found in own.items()
        }
        if rows["CINplanDates"]:
            self._add(
                "CareWorkers", **keys, worker_id=f"SW{self._draw.randint(10**6, 10**7 - 1)}",
                start_date=episode["CINreferralDate"], end_date=closed,
            )  # fmt: skip
        for row in rows["Assessments"]:
            self._assessment(keys, row, rows["AssessmentFactors"])
        for row in rows["CINplanDates"]:
            self._add(
                "ChildInNeedPlans", **keys, child_in_need_plan_id=self._number(child, "N"),
                start_date=row["CINPlanStartDate"], end_date=row["CINPlanEndDate"],
            )  # fmt: skip
        for row in rows["Section47"]:
            self._enquiry(keys, row, closed)
        for row in rows["ChildProtectionPlans"]:
            self._add(
                "ChildProtectionPlans", **keys, child_protection_plan_id=self._number(child, "P"),
                start_date=row["CPPstartDate"], end_date=row["CPPendDate"],
            )  # fmt: skip

    def _assessment(self, keys: dict[str, str], row: Row, factors: Iterable[Row]) -> None:
        keys = {**keys, "child_and_family_assessment_id": self._number(keys["la_child_id"], "A")}
        self._add(
            "ChildAndFamilyAssessments",
            **keys,
            start_date=row["AssessmentActualStartDate"],
            authorisation_date=row["AssessmentAuthorisationDate"],
        )
        for factor in factors:
            if factor["AssessmentID"] == row["AssessmentID"]:
                self._add("AssessmentFactors", **keys, factor=factor["AssessmentFactors"])

    def _enquiry(self, keys: dict[str, str], row: Row, closed: str) -> None:
        done = min(dt.date.fromisoformat(row["S47ActualStartDate"]) + 12 * _DAY, SENT)
        self._add(
            "Section47Assessments",
            **keys,
            section_47_assessment_id=self._number(keys["la_child_id"], "S"),
            start_date=row["S47ActualStartDate"],
            icpc_required_flag="false" if row["ICPCnotRequired"] == "1" else "true",
            icpc_date=row["DateOfInitialCPC"],
            end_date=min(str(done), closed) if closed else str(done),
        )

    # From the return of children looked after.

    def take_looked_after(self, tables: dict[str, pd.DataFrame]) -> None:
        """The children of a return of children looked after, and care leavers."""
        own = {name: _by_child(table, "CHILD") for name, table in tables.items()}
        for child in dict.fromkeys([*own["Header"], *own["OC3"]]):
            if child in self._taken:
                continue
            episodes = sorted(own["Episodes"].get(child, []), key=lambda row: iso(row["DECOM"]))
            who = (own["Header"].get(child) or [{}])[0]
            leaver = (own["OC3"].get(child) or [{}])[0]
            asylum = (own["UASC"].get(child) or [{}])[0]
            self._child(
                child,
                unique_pupil_number=who.get("UPN", "") if len(who.get("UPN", "")) == 13 else "",
                unique_pupil_number_unknown_reason="" if len(who.get("UPN", "")) == 13 else "UN5",
                date_of_birth=iso(who.get("DOB") or leaver.get("DOB", "")),
                sex=who.get("SEX") or "U",
                ethnicity=who.get("ETHNIC") or "NOBT",
                postcode=next((row["HOME_POST"] for row in episodes if row["HOME_POST"]), ""),
                uasc_flag="true" if asylum else "false",
                uasc_end_date=iso(asylum.get("DUC", "")) if iso(asylum.get("DUC", "")) <= str(SENT) else "",
            )
            self._add("Disabilities", la_child_id=child, disability="NONE")
            for row in own["OC2"].get(child, []):
                self._wellbeing(child, row)
            if leaver:
                self._leaver(child, leaver)
            else:
                self._periods_of_care(child, episodes, own)

    def _wellbeing(self, child: str, row: Row) -> None:
        if row["SDQ_SCORE"]:
            self._add("HealthAndWellbeing", la_child_id=child)
            day = SENT - self._draw.randint(1, 300) * _DAY
            self._add("SdqAssessments", la_child_id=child, date=str(day), score=row["SDQ_SCORE"])

    def _leaver(self, child: str, row: Row) -> None:
        keys = {"la_child_id": child, "social_care_episode_id": self._number(child, "E")}
        began = SENT - self._draw.randint(400, 900) * _DAY
        self._add(
            "SocialCareEpisodes", **keys, referral_date=str(began), referral_source="5A",
            referral_no_further_action_flag="false",
        )  # fmt: skip
        known = row["IN_TOUCH"] == "YES"
        self._add(
            "CareLeavers",
            **keys,
            contact_date=str(SENT - self._draw.randint(1, 50) * _DAY),
            activity=row["ACTIV"] if known else "",
            accommodation=row["ACCOM"][:1] if known else "R",
        )

    def _periods_of_care(self, child: str, episodes: list[Row], own: dict[str, dict[str, list[Row]]]) -> None:
        periods: list[list[Row]] = []
        for row in episodes:
            if row["RNE"] == "S" or not periods:
                periods.append([])
            periods[-1].append(row)
        for period in periods:
            self._period_of_care(child, period, own, last=period is periods[-1])

    def _period_of_care(self, child: str, rows: list[Row], own: dict[str, dict[str, list[Row]]], *, last: bool) -> None:
        keys = {"la_child_id": child, "social_care_episode_id": self._number(child, "E")}
        ended = iso(rows[-1]["DEC"]) if rows[-1]["REC"] != "X1" else ""
        if ended and ended < str(WINDOW):
            return
        self._add(
            "SocialCareEpisodes",
            **keys,
            referral_date=iso(rows[0]["DECOM"]),
            referral_source=self._draw.choice(("1A", "3A", "5A", "6")),
            referral_no_further_action_flag="false",
            closure_date=ended,
            closure_reason=("RC1" if rows[-1]["REC"].startswith("E1") else "RC7") if ended else "",
        )
        for _, stay in groupby(rows, key=lambda row: (row["PLACE"], row["PL_POST"], row["URN"])):
            self._placement(keys, list(stay))
        for row in own["SWEpisodes"].get(child, []):
            began, until = iso(row["SW_DECOM"]), iso(row["SW_DEC"]) or ended
            within = began <= (ended or str(SENT)) and (not until or until >= iso(rows[0]["DECOM"]))
            if within and (not until or until >= str(WINDOW)):
                self._add("CareWorkers", **keys, worker_id=row["SW_ID"], start_date=began, end_date=until)
        if not last:
            return
        decided, matched = own["PlacedAdoption"].get(child), own["AD1"].get(child)
        if decided:
            first = iso(decided[0]["DATE_PLACED"])
            second = max(first, iso(matched[0]["DATE_MATCH"])) if matched else ""
            self._add("Adoption", **keys, initial_decision_date=first, matched_date=second)

    def _placement(self, keys: dict[str, str], stay: list[Row]) -> None:
        ended = iso(stay[-1]["DEC"])
        if ended and ended < str(WINDOW):
            return
        self._add(
            "Placements",
            **keys,
            child_looked_after_placement_id=self._number(keys["la_child_id"], "L"),
            start_date=iso(stay[0]["DECOM"]),
            start_reason=stay[0]["RNE"],
            placement_type=stay[0]["PLACE"],
            postcode=stay[0]["PL_POST"],
            end_date=ended,
            end_reason=stay[-1]["REC"],
            change_reason=stay[-1]["REASON_PLACE_CHANGE"],
        )

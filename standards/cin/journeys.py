"""Invented children with realistic episodes of need, from which a clean census of any year is made.

Nobody here is real: identifiers, dates and histories are drawn at random.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

import pandas as pd
from csc_data.standards.cin import codes
from csc_data.standards.cin.rules.children import CHECK_LETTERS, check_letter

from csc_data.declare import Drawn, Standard
from csc_data.reference.working_days import WorkingDays

AUTHORITY = "E09000003"
NUMBER = "302"

_DAY = dt.timedelta(days=1)
_SOURCES = ("1A", "2A", "2A", "3A", "3B", "3E", "4", "5A", "5D", "6", "6", "6", "8", "9")
_NEEDS = ("N1",) * 6 + ("N2", "N3", "N4", "N5", "N5", "N6", "N8")
_FACTORS = ("1B", "2B", "3A", "3B", "4A", "4B", "5A", "6A", "7A", "10A", "11A", "15A", "16A", "17A", "18C", "24A")
_CATEGORIES = ("NEG", "NEG", "EMO", "EMO", "PHY", "SAB")
_ETHNICITIES = ("WBRI",) * 10 + ("MWBC", "MWAS", "MOTH", "APKN", "ABAN", "BCRB", "BAFR", "OOTH", "WOTH", "NOBT")
_DISABILITIES = tuple(code for code in codes.DISABILITY.at("2025-26") if code != "NONE")  # type: ignore[arg-type]

Row = dict[str, str]


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """The census of one authority. There is nothing to compare with last year's."""
    return Drawn(
        _Census(standard, seed).tables(children), {}, AUTHORITY, pd.DataFrame(columns=["urn", "placement code"])
    )


def text(day: dt.date | None) -> str:
    """A date as the census writes it; "" for none."""
    return day.isoformat() if day else ""


class _Census:
    """Draws children and lays out their rows by table."""

    def __init__(self, standard: Standard, seed: int) -> None:
        self._standard = standard
        self._draw = Random(f"{standard.id} {seed}")
        self._start, self._end = standard.period.start, standard.period.end
        self._rows: dict[str, list[Row]] = {name: [] for name in standard.models}
        self._used: set[str] = set()

    def tables(self, children: int) -> dict[str, pd.DataFrame]:
        """Every table of the year."""
        self._add("Header", {
            "Collection": "CIN", "Year": str(self._end.year), "ReferenceDate": text(self._end), "SourceLevel": "L",
            "LEA": NUMBER, "SoftwareCode": "invented", "Release": "1", "SerialNo": "001",
            "DateTime": f"{text(self._end)}T12:00:00",
        })  # fmt: skip
        kinds: tuple[Callable[[_Child], None], ...]
        kinds = (self._closed_at_once,) * 3 + (self._assessed_only,) * 5 + (self._helped,) * 5 + (self._protected,) * 4
        kinds += (self._long_helped,) * 2 + (self._unborn, self._back_again)
        kinds += (self._moved_in, self._long_protected, self._protected_after_all)
        drawn = []
        for place in range(children):
            drawn.append(_Child(self, place))
            kinds[place % len(kinds)](drawn[-1])
        if not self._rows.get("PreProceedingsandFGDM"):
            self._prepare_proceedings_once(drawn)
        return {
            name: pd.DataFrame(rows, columns=self._columns(name), dtype=object).fillna("")
            for name, rows in self._rows.items()
        }

    def _prepare_proceedings_once(self, drawn: list[_Child]) -> None:
        """Pre-proceedings for one child, as a census without any is questioned."""
        for child in drawn:
            if child.helped_since:
                child.prepare_proceedings(*child.helped_since)
                return

    def _columns(self, name: str) -> list[str]:
        return [one.name for one in self._standard.items[name].values() if not one.derived]

    def _add(self, table: str, row: Row) -> None:
        if table in self._rows:
            known = self._standard.items[table]
            self._rows[table].append({item: cell for item, cell in row.items() if item in known})

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        """A day between two days."""
        return first + _DAY * self._draw.randint(0, max((last - first).days, 0))

    def _in_year(self, before_end: int = 1) -> dt.date:
        return self.day(self._start, self._end - _DAY * before_end)

    def _workday(self, day: dt.date, count: int) -> dt.date:
        return WorkingDays().shift_day(day, count)

    def past(self, day: dt.date | None) -> str:
        """The date as text if it has come by the end of the year."""
        return text(day) if day and day <= self._end else ""

    def unused(self, digits: int) -> str:
        """A number nobody has yet."""
        while (number := f"{self._draw.randrange(10**digits):0{digits}d}") in self._used:
            pass
        self._used.add(number)
        return number

    # Kinds of journey.

    def _closed_at_once(self, child: _Child) -> None:
        child.write(acted_on=False)
        referred = self._in_year()
        child.episode(referred, closed=referred, reason="RC7", acted_on=False)

    def _assessed_only(self, child: _Child) -> None:
        child.write()
        self._assessed_and_closed(child, self._in_year())

    def _assessed_and_closed(self, child: _Child, referred: dt.date) -> dt.date:
        done = self._workday(referred, self._draw.randint(5, 40))
        episode = child.episode(referred, closed=done, reason=self._draw.choice(("RC8", "RC9")))
        child.assess(episode, referred, done, found=self._draw.random() < 0.7)
        return done

    def _helped(self, child: _Child) -> None:
        child.write()
        referred = self._in_year()
        done = self._workday(referred, self._draw.randint(10, 44))
        planned, closed = done + _DAY * 3, done + _DAY * self._draw.randint(40, 300)
        died = child.place % 97 == 9
        episode = child.episode(referred, closed=closed, reason="RC2" if died else "RC7")
        child.assess(episode, referred, done)
        child.plan(episode, planned, closed)
        if died and closed <= self._end:
            child.die(closed)

    def _protected(self, child: _Child) -> None:
        child.write()
        self._enquired(child, self._in_year())

    def _enquired(self, child: _Child, referred: dt.date) -> None:
        """An enquiry from soon after the referral, and what came of it."""
        asked = self._workday(referred, self._draw.randint(1, 4))
        done = self._workday(asked, self._draw.randint(5, 30))
        held = self._workday(asked, self._draw.randint(6, 15))
        ended = held + _DAY * self._draw.randint(120, 500)
        closed = max(ended, done) + _DAY * 60
        needed = self._draw.random() < 0.7
        episode = child.episode(referred, closed=closed if needed else done, reason="RC7")
        child.assess(episode, referred, done)
        child.enquire(episode, asked, held if needed else None)
        if needed:
            child.protect(episode, held, ended)
            child.plan(episode, ended, closed)

    def _long_helped(self, child: _Child) -> None:
        """A disabled child helped since before the year."""
        referred = self.day(self._start - _DAY * 700, self._start - _DAY * 60)
        child.write(disabled=2, born_by=referred)
        closed = self._start + _DAY * self._draw.randint(30, 900)
        episode = child.episode(referred, closed=closed, reason="RC7", need="N2")
        child.plan(episode, referred + _DAY * 40, closed)

    def _moved_in(self, child: _Child) -> None:
        """A child on a plan elsewhere, for whom a conference is held here without a new enquiry."""
        child.write()
        referred = self._in_year()
        held, done = self._workday(referred, self._draw.randint(5, 15)), self._workday(referred, 30)
        ended = held + _DAY * self._draw.randint(120, 400)
        episode = child.episode(referred, closed=ended + _DAY * 60, reason="RC7", conference=held)
        child.assess(episode, referred, done)
        child.protect(episode, held, ended)

    def _long_protected(self, child: _Child) -> None:
        """A child on a plan since before the year, who steps down to a child in need plan."""
        referred = self.day(self._start - _DAY * 500, self._start - _DAY * 90)
        child.write(born_by=referred)
        ended = self._start + _DAY * self._draw.randint(30, 500)
        closed = ended + _DAY * self._draw.randint(30, 90)
        episode = child.episode(referred, closed=closed, reason="RC7")
        child.protect(episode, self._workday(referred, self._draw.randint(10, 25)), ended)
        child.plan(episode, ended, closed)

    def _protected_after_all(self, child: _Child) -> None:
        """A child referred again soon after the case was closed, and this time protected."""
        child.write()
        first = self.day(self._start, self._start + _DAY * 120)
        done = self._assessed_and_closed(child, first)
        self._enquired(child, done + _DAY * self._draw.randint(20, 90))

    def _unborn(self, child: _Child) -> None:
        referred = self.day(self._end - _DAY * 100, self._end - _DAY * 30)
        child.write(expected=self._end + _DAY * self._draw.randint(5, 150))
        done = self._workday(referred, 15)
        episode = child.episode(referred, closed=None, reason="")
        child.assess(episode, referred, done)

    def _back_again(self, child: _Child) -> None:
        child.write()
        first = self.day(self._start, self._start + _DAY * 120)
        done = self._assessed_and_closed(child, first)
        self._assessed_and_closed(child, done + _DAY * self._draw.randint(20, 140))


class _Child:
    """One child in the making."""

    def __init__(self, census: _Census, place: int) -> None:
        self._census, self.place, self._draw = census, place, census._draw
        self._number = census.unused(7)
        self._episodes = self._assessments = self._plans = 0
        self.helped_since: tuple[str, dt.date] | None = None
        self._who: Row = {}

    def _add(self, table: str, **cells: str) -> None:
        self._census._add(table, {"LAchildID": self._number, **cells})

    def write(
        self,
        *,
        acted_on: bool = True,
        disabled: int = 0,
        expected: dt.date | None = None,
        born_by: dt.date | None = None,
    ) -> None:
        """The child itself: identifiers, ethnicity, disabilities."""
        census = self._census
        latest = born_by or census._start - _DAY * 200
        born = None if expected else census.day(census._start - _DAY * 6100, latest)
        at_school = born is not None and born < census._start - _DAY * 1500
        boy = self._draw.random() < 0.52
        self._who = {
            "UPN": self._upn() if at_school else "",
            "UPNunknown": "" if at_school else ("UN1" if acted_on else "UN7"),
            "PersonBirthDate": text(born),
            "ExpectedPersonBirthDate": text(expected),
            "GenderCurrent": "0" if expected else ("1" if boy else "2"),
            "Sex": "U" if expected else ("M" if boy else "F"),
        }
        self._add("ChildIdentifiers", **self._who)
        self._add("ChildCharacteristics", Ethnicity=self._draw.choice(_ETHNICITIES))
        if born is not None:
            for code in self._disabilities(disabled):
                self._add("Disabilities", Disability=code)

    def _disabilities(self, count: int) -> list[str]:
        if not count:
            return ["NONE"]
        first = self._draw.randrange(len(_DISABILITIES))
        return [_DISABILITIES[(first + step) % len(_DISABILITIES)] for step in range(count)]

    def _upn(self) -> str:
        digits = NUMBER + self._census.unused(9)
        return check_letter(CHECK_LETTERS[0] + digits) + digits

    def die(self, day: dt.date) -> None:
        """Record the child's death."""
        self._census._rows["ChildIdentifiers"][-1]["PersonDeathDate"] = text(day)

    def episode(
        self,
        referred: dt.date,
        *,
        closed: dt.date | None,
        reason: str,
        acted_on: bool = True,
        need: str = "",
        conference: dt.date | None = None,
    ) -> str:
        """An episode of need; its running number. The first of the year that led to action is that of ``helped_since``."""
        self._episodes += 1
        ended = self._census.past(closed)
        if acted_on and referred >= self._census._start:
            self.helped_since = self.helped_since or (str(self._episodes), referred)
        self._add(
            "CINdetails",
            CINdetailsID=str(self._episodes),
            CINreferralDate=text(referred),
            ReferralSource=self._draw.choice(_SOURCES),
            PrimaryNeedCode=(need or self._draw.choice(_NEEDS)) if acted_on else "",
            CINclosureDate=ended,
            ReasonForClosure=reason if ended else "",
            DateOfInitialCPC=self._census.past(conference),
            ReferralNFA="0" if acted_on else "1",
        )
        return str(self._episodes)

    def assess(self, episode: str, started: dt.date, done: dt.date, *, found: bool = True) -> None:
        """An assessment with what it found."""
        self._assessments += 1
        number = str(self._assessments)
        finished = self._census.past(done)
        self._add(
            "Assessments",
            CINdetailsID=episode,
            AssessmentID=number,
            AssessmentActualStartDate=text(started),
            AssessmentAuthorisationDate=finished,
        )
        for factor in (self._draw.sample(_FACTORS, self._draw.randint(1, 4)) if found else ["21"]) if finished else []:
            self._add("AssessmentFactors", CINdetailsID=episode, AssessmentID=number, AssessmentFactors=factor)

    def enquire(self, episode: str, asked: dt.date, held: dt.date | None) -> None:
        """An enquiry, and the conference it led to, if any."""
        if asked <= self._census._end:
            self._add(
                "Section47",
                CINdetailsID=episode,
                S47ActualStartDate=text(asked),
                InitialCPCtarget=text(self._census._workday(asked, 15)) if held else "",
                DateOfInitialCPC=self._census.past(held),
                ICPCnotRequired="0" if held else "1",
            )

    def plan(self, episode: str, started: dt.date, ended: dt.date) -> None:
        """A child in need plan."""
        if started < min(ended, self._census._end):
            self._add(
                "CINplanDates",
                CINdetailsID=episode,
                CINPlanStartDate=text(started),
                CINPlanEndDate=self._census.past(ended),
            )

    def protect(self, episode: str, started: dt.date, ended: dt.date) -> None:
        """A child protection plan, reviewed after three months and then every six."""
        census = self._census
        if started > census._end:
            return
        self._plans += 1
        number = str(self._plans)
        category = self._draw.choice(_CATEGORIES)
        self._add(
            "ChildProtectionPlans",
            CINdetailsID=episode,
            CPPID=number,
            CPPstartDate=text(started),
            CPPendDate=census.past(ended),
            InitialCategoryOfAbuse=category,
            LatestCategoryOfAbuse=category,
            NumberOfPreviousCPP=self._draw.choice("00001"),
        )
        review = started + _DAY * 85
        while review < min(ended, census._end):
            self._add("Reviews", CINdetailsID=episode, CPPID=number, CPPreviewDate=text(review))
            review += _DAY * 175
        begun = started + _DAY * 30
        if self._draw.random() < 0.1 and census._start <= begun < min(ended, census._end) - _DAY * 30:
            self.prepare_proceedings(episode, begun)

    def prepare_proceedings(self, episode: str, begun: dt.date) -> None:
        """Pre-proceedings: a letter that offers a meeting, reviews, and in time a decision with its outcome."""
        decided = begun + _DAY * (100 + self.place % 60)
        step = "ABC"[self.place % 3] if decided <= self._census._end else ""
        in_court = step == "A"
        letter, met = self._census.past(begun + _DAY * 7), self._census.past(begun + _DAY * 20)
        offered = letter and str(int(self.place % 4 != 3))
        self._add(
            "PreProceedingsandFGDM",
            CINdetailsID=episode,
            PPStartDate=text(begun),
            LBPSentDate=letter,
            FGDMMeetingOffer=offered,
            FGDMMeetingFac=str(self.place % 2) if offered == "1" else "",
            InitialPPMeetingDate=met,
            ReviewMeetingsCount=met and str(self.place % 4),
            StepDecisionDate=text(decided) if step else "",
            PPOutcome=step,
            CourtAppDate=self._census.past(decided + _DAY * 9) if in_court else "",
            LetterInitCPDate=self._census.past(decided + _DAY * 12) if in_court else "",
        )

"""Invented children with realistic care journeys, from which clean returns of any year are cut.

Nobody here is real: identifiers, dates and journeys are drawn at random. Postcodes are real ones, as the checks on them
need real places. A journey is drawn once, up to the end of the reporting year; this year's and last year's returns are
two cuts through the same journeys, so that they agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pandas as pd
from csc_data.standards.ssda903 import codes

from csc_data.declare import Drawn, Standard, Year
from csc_data.reference.working_days import WorkingDays

AUTHORITY = "E09000003"
"""The authority whose return it is: the homes and most placements lie in its area."""

PROVIDERS = pd.DataFrame(
    [
        ("SC000001", "Barnet", "K2", "PR4", "", "N10 1AA", "Children's Home"),
        ("SC000002", "Barnet", "K1/K2", "PR4/PR5", "", "N12 9YD", "Children's Home"),
        ("SC000003", "Barnet", "K2", "PR4/PR5", "30/09/2021", "N10 1AA", "Children's Home"),
        ("SC000004", "Barnet", "K3", "PR4", "", "N20 9FH", "Supported Accommodation"),
        ("SC000006", "Barnet", "U1,U2,U3,U4,U5,U6", "PR1", "", "N10 1AA", "Fostering Service"),
        ("SC000008", "Camden", "U1,U2,U3,U4,U5,U6", "PR4", "", "NW1 3EP", "Independent Fostering Agency"),
    ],
    columns=[
        "urn", "local authority", "placement code", "placement provider code", "deregistration date",
        "setting address postcode", "provider type",
    ],
)  # fmt: skip
"""A list of registered providers that agrees with the journeys, in the published form."""

_HOMES = ("EN4 0AD", "EN5 3DN", "HA8 9UD", "N3 1ZF", "NW2 1SN", "NW4 1SD", "NW7 0EE", "NW9 1BY")
_FOSTER_HOMES = ("N10 1AA", "N12 9YD", "N20 9FH", "NW11 1JN")
_ELSEWHERE = ("N1 0AS", "NW1 3EP", "B1 1AA", "TR1 1AA", "BA1 1GQ")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_ETHNICITIES = ("WBRI",) * 12 + ("MWBC", "MWAS", "MOTH", "APKN", "ABAN", "BCRB", "BAFR", "BOTH", "OOTH", "WOTH", "WROM")
_NEEDS = ("N1",) * 13 + ("N2", "N3", "N4", "N5", "N5", "N6", "N8")
_ACTIVITIES = ("F1", "F2", "F2", "F4", "F5", "P5", "G4", "G5", "G5")
_HOUSING = ("B1", "D1", "E1", "K1", "U1", "U1", "Y2")
_MOVES = ("CARPL", "CARPL", "STAND", "CREQB", "CHILD", "LAREQ", "OTHER")


@dataclass
class Placement:
    """Where a child lives: the items of an episode that go together."""

    place: str
    provider: str
    postcode: str
    urn: str


@dataclass
class Episode:
    """One episode, with real dates even when they lie after the year that is cut."""

    start: dt.date
    rne: str
    legal: str
    placement: Placement
    end: dt.date | None = None
    rec: str = ""
    reason: str = ""


@dataclass
class Child:
    """One invented child and everything that was recorded of it."""

    number: str
    boy: bool
    born: dt.date
    ethnicity: str
    upn: str
    need: str
    home: str
    episodes: list[Episode] = field(default_factory=list)
    asylum_seeking: bool = False
    short_breaks: bool = False
    mother_since: dt.date | None = None
    missing: list[tuple[str, dt.date, dt.date]] = field(default_factory=list)
    workers: list[tuple[str, dt.date, dt.date | None, str]] = field(default_factory=list)
    decided: dt.date | None = None
    matched: dt.date | None = None
    with_foster_carers: bool = False
    earlier_order: tuple[str, str, dt.date] | None = None
    deprived_of_liberty: tuple[dt.date, dt.date] | None = None

    def birthday(self, age: int) -> dt.date:
        """The day the child reaches an age."""
        return later_year(self.born, age)

    @property
    def entered(self) -> dt.date:
        """First day of care."""
        return self.episodes[0].start

    @property
    def left(self) -> dt.date | None:
        """Last day of care."""
        return self.episodes[-1].end


def later_year(day: dt.date, years: int) -> dt.date:
    """The same day so many years later, 28 February for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


class Journeys:
    """Draws children for the return of one standard."""

    def __init__(self, standard: Standard, seed: int) -> None:
        self._random = Random(f"{standard.id} {seed}")
        self._start, self._end = standard.period.start, standard.period.end
        self._year = standard.version
        self._used: set[str] = set()

    def children(self, count: int) -> list[Child]:
        """Draw ``count`` children: mostly in care, some on short breaks, some who left at 18 last year."""
        kinds: tuple[Callable[[], Child], ...]
        kinds = (self._in_care,) * 15 + (self._adopted,) * 2 + (self._seeking_asylum,) * 2
        kinds += (self._on_short_breaks,) + (self._care_leaver,) * 3
        return [kinds[place % len(kinds)]() for place in range(count)]

    def _in_care(self) -> Child:
        child = self._born(
            entered=self._entry(), age=self._random.choice((0, 0, 1, 2, 3, 4, 5, 7, 9, 11, 12, 13, 14, 15, 15))
        )
        leaves = self._random.random() < 0.35
        self._live_in_care(child, leaves=leaves)
        self._record_around(child)
        return child

    def _seeking_asylum(self) -> Child:
        child = self._born(entered=self._entry(back=2), age=self._random.choice((15, 16, 16)))
        child.asylum_seeking, child.boy, child.home = True, True, ""
        self._live_in_care(child, leaves=False, legal="V2")
        self._record_around(child)
        return child

    def _care_leaver(self) -> Child:
        """Left care on the 18th birthday, last year."""
        eighteenth = self._start - dt.timedelta(days=self._random.randint(1, 360))
        age = self._random.choice((8, 10, 12, 14))
        entered = later_year(eighteenth, age - 18) + dt.timedelta(days=self._random.randint(0, 300))
        child = self._child(later_year(eighteenth, -18), entered)
        self._live_in_care(child, leaves=False)
        self._record_around(child)
        return child

    def _on_short_breaks(self) -> Child:
        child = self._born(entered=self._day(self._start, self._end - dt.timedelta(days=60)), age=8)
        child.short_breaks, child.need = True, "N2"
        stay = Episode(child.entered, "S", "V4", Placement("K2", "PR1", "", ""))
        child.episodes = [stay]
        return child

    def _adopted(self) -> Child:
        """Care order, placement order, adoptive placement, adoption."""
        entered = self._day(self._start - dt.timedelta(days=620), self._start - dt.timedelta(days=100))
        if entered + dt.timedelta(days=560) == self._end:
            entered -= dt.timedelta(days=1)
        child = self._born(entered, age=self._random.choice((0, 1, 2)))
        day = [entered + dt.timedelta(days=sum(steps)) for steps in ((0,), (120,), (250,), (330,), (560,))]
        child.decided, child.matched = day[1] + dt.timedelta(days=60), day[2] + dt.timedelta(days=20)
        child.with_foster_carers = self._random.random() < 0.3
        foster = self._foster()
        adoptive = Placement(
            "A5" if child.with_foster_carers else "A6", "PR1", foster.postcode if child.with_foster_carers else "N20 9FH",
            "XXXXXXX",
        )  # fmt: skip
        self._follow(
            child,
            [
                (day[0], "S", "C1", foster, ""),
                (day[1], "L", "C2", foster, ""),
                (day[2], "L", "E1", foster, ""),
                (day[3], "T" if child.with_foster_carers else "P", "E1", adoptive, "CARPL"),
            ],
        )
        self._leave(child, day[4], self._random.choice(("E11", "E12")))
        self._record_around(child)
        return child

    def _entry(self, back: int = 6) -> dt.date:
        """First day of care: often this year, else in one of the years before."""
        if self._random.random() < 0.25:
            return self._day(self._start, self._end - dt.timedelta(days=20))
        return self._day(later_year(self._start, -back), self._start - dt.timedelta(days=30))

    def _day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(days=self._random.randint(0, max((last - first).days, 0)))

    def _born(self, entered: dt.date, age: int) -> Child:
        return self._child(later_year(entered, -age) - dt.timedelta(days=self._random.randint(3, 340)), entered)

    def _child(self, born: dt.date, entered: dt.date) -> Child:
        draw = self._random
        child = Child(
            number=self._unused(lambda: f"{draw.randint(1, 9_999_999):07d}"),
            boy=draw.random() < 0.56,
            born=born,
            ethnicity=draw.choice(_ETHNICITIES),
            upn=self._unused(lambda: f"{draw.choice(_UPN_LETTERS)}{draw.randint(0, 10**12 - 1):012d}"),
            need=draw.choice(_NEEDS),
            home=draw.choice(_HOMES),
        )
        child.episodes = [Episode(entered, "S", "C2", Placement("", "", "", ""))]
        return child

    def _unused(self, make: Any) -> str:
        word = make()
        while word in self._used:
            word = make()
        self._used.add(word)
        return str(word)

    def _live_in_care(self, child: Child, *, leaves: bool, legal: str = "") -> None:
        """A first placement, then moves and changes of legal status, until the child leaves or the year ends."""
        draw, day = self._random, child.entered
        status = legal or draw.choice(("V2", "C1", "C1", "C2", "C2"))
        placement = self._placement(child, day)
        steps = [(day, "S", status, placement, "")]
        until = min(child.birthday(18) - dt.timedelta(days=120), self._end - dt.timedelta(days=30))
        while (day := day + dt.timedelta(days=draw.randint(70, 800))) < until:
            if status == "C1":
                status = "C2"
                steps.append((day, "L", status, placement, ""))
            else:
                placement = self._other_placement(child, day, placement)
                steps.append((day, "P", status, placement, draw.choice(_MOVES)))
        self._follow(child, steps)
        last = child.episodes[-1]
        if child.birthday(18) <= self._end:
            self._leave(child, child.birthday(18), "E17" if last.placement.place.startswith("U") else "E5")
        elif leaves and self._end - last.start > dt.timedelta(days=30):
            self._leave(
                child,
                self._day(last.start + dt.timedelta(days=10), self._end - dt.timedelta(days=2)),
                self._way_out(last),
            )

    def _way_out(self, last: Episode) -> str:
        return self._random.choice(("E4A", "E4A", "E4B", "E13", "E47"))

    def _follow(self, child: Child, steps: Iterable[tuple[dt.date, str, str, Placement, str]]) -> None:
        """Turn steps into episodes, each ending on the day the next begins."""
        child.episodes = []
        for start, rne, legal, placement, reason in steps:
            if child.episodes:
                before = child.episodes[-1]
                before.end, before.rec, before.reason = start, "X1", reason
            child.episodes.append(Episode(start, rne, legal, placement))

    def _leave(self, child: Child, day: dt.date, rec: str) -> None:
        child.episodes[-1].end, child.episodes[-1].rec = day, rec

    def _placement(self, child: Child, day: dt.date) -> Placement:
        age = (day - child.born).days // 365
        draw = self._random.random()
        if age >= 16 and draw < 0.35 and day >= dt.date(2024, 4, 1) and child.birthday(16) < day:
            return Placement("K3", "PR4", "N20 9FH", "SC000004")
        if age >= 10 and draw < 0.45:
            return self._random.choice(
                (Placement("K2", "PR4", "N10 1AA", "SC000001"), Placement("K2", "PR5", "N12 9YD", "SC000002"))
            )
        return self._foster()

    def _other_placement(self, child: Child, day: dt.date, current: Placement) -> Placement:
        placement = self._placement(child, day)
        while placement == current:
            placement = self._placement(child, day)
        return placement

    def _foster(self) -> Placement:
        kind = self._random.choice(("U1", "U3", "U4", "U6", "U6"))
        if self._random.random() < 0.6:
            return Placement(kind, "PR1", self._random.choice(_FOSTER_HOMES), "SC000006")
        return Placement(kind, "PR4", self._random.choice(_ELSEWHERE), "SC000008")

    def _record_around(self, child: Child) -> None:
        """Social workers, missing periods, motherhood, an earlier permanence order, a deprivation of liberty order."""
        draw = self._random
        self._give_workers(child)
        stay = child.episodes[-1]
        last_day = min(child.left or self._end, self._end)
        if draw.random() < 0.15 and (last_day - stay.start).days > 60 and child.birthday(10) < stay.start:
            gone = self._day(stay.start + dt.timedelta(days=5), last_day - dt.timedelta(days=20))
            child.missing.append((draw.choice("MMA"), gone, gone + dt.timedelta(days=draw.randint(1, 6))))
        if child.left == child.birthday(18) and draw.random() < 0.1 and (last_day - stay.start).days > 60:
            # A period that has not ended by then is closed on the 18th birthday.
            child.missing.append(("M", last_day - dt.timedelta(days=draw.randint(3, 9)), last_day))
            stay.rec = "E8"
        if not child.boy and child.birthday(15) < stay.start and draw.random() < 0.1:
            child.mother_since = self._day(stay.start, last_day)
        if child.birthday(3) < child.entered and draw.random() < 0.2:
            child.earlier_order = (draw.choice(("P1", "P2", "P3")), "302", child.birthday(2))
        secure_from = max(stay.start, self._start)
        if stay.placement.place == "K2" and draw.random() < 0.4 and (last_day - secure_from).days > 90:
            began = self._day(secure_from, last_day - dt.timedelta(days=60))
            child.deprived_of_liberty = (began, began + dt.timedelta(days=28))

    def _give_workers(self, child: Child) -> None:
        """One social worker from the first day of care, sometimes followed by others on the same day; the last stays."""
        draw, day, reason = self._random, child.entered, "FCONTA"
        while True:
            ends = day + dt.timedelta(days=draw.randint(150, 900))
            worker = f"SW{draw.randint(1_000_000, 9_999_999)}"
            if ends > min(child.left or self._end, self._end) - dt.timedelta(days=20):
                child.workers.append((worker, day, None, reason))
                return
            child.workers.append((worker, day, ends, reason))
            day, reason = ends, draw.choice(("ORGRST", "LEFTRL", "OTHERS", "ABSENC"))


class Cut:
    """The return of one year, cut from the journeys in the form of a standard."""

    def __init__(self, standard: Standard, year: Year, children: Iterable[Child]) -> None:
        self._year = standard.version
        self._start, self._end = standard.collection.calendar.period(year)
        self._workers_from = later_year(self._start, -1) if year >= "2024-25" else self._start
        self._standard = standard
        self._children = list(children)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the year, as text, with a header row even where no child has a row."""
        makers = {
            "Header": self._header, "Episodes": self._episodes, "Reviews": self._reviews, "UASC": self._uasc,
            "OC2": self._oc2, "OC3": self._oc3, "AD1": self._ad1, "PlacedAdoption": self._placed_for_adoption,
            "PrevPerm": self._previous_permanence, "Missing": self._missing, "SWEpisodes": self._workers,
            "DoLo": self._deprivation_of_liberty,
        }  # fmt: skip
        return {name: self._table(name, makers[name]) for name in self._standard.models}

    def _table(self, name: str, make: Any) -> pd.DataFrame:
        columns = [one.name for one in self._standard.items[name].values() if not one.derived]
        rows = [row for child in self._children if self._returned(child) for row in make(child)]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _in_year(self, child: Child) -> list[Episode]:
        return [one for one in child.episodes if one.start <= self._end and (one.end is None or one.end >= self._start)]

    def _returned(self, child: Child) -> bool:
        return bool(self._in_year(child)) or self._is_care_leaver(child)

    def _is_care_leaver(self, child: Child) -> bool:
        """Left on the 18th birthday in this year or the one before: turns 18 or 19 in it."""
        left = child.left
        return left is not None and left == child.birthday(18) and later_year(self._start, -1) <= left < self._end

    def _all_year(self, child: Child) -> bool:
        stays_on = child.left is None or child.left >= self._end
        return child.entered <= self._start and stays_on and not child.short_breaks

    def _sex(self, child: Child) -> str:
        (code,) = (codes.MALE if child.boy else codes.FEMALE).at(self._year)
        return code

    def _header(self, child: Child) -> list[tuple[str, ...]]:
        in_care = bool(self._in_year(child)) and not child.short_breaks
        mother = child.mother_since is not None and child.mother_since <= self._end
        return [
            (
                child.number,
                self._sex(child),
                text(child.born),
                child.ethnicity,
                child.upn,
                "" if child.boy or not in_care else str(int(mother)),
                text(child.mother_since) if in_care and mother else "",
            )
        ]

    def _episodes(self, child: Child) -> list[tuple[str, ...]]:
        return [self._episode(child, one) for one in self._in_year(child)]

    def _episode(self, child: Child, one: Episode) -> tuple[str, ...]:
        ended = one.end is not None and one.end <= self._end
        end = (text(one.end), one.rec, one.reason) if ended else ("", "", "")
        where = one.placement
        home = "" if child.short_breaks else child.home
        return (
            child.number, text(one.start), one.rne, one.legal, child.need, where.place, where.provider, *end, home,
            where.postcode, where.urn,
        )  # fmt: skip

    def _reviews(self, child: Child) -> list[tuple[str, ...]]:
        """The first review 20 working days after the start, the second three months on, then every six months."""
        if child.short_breaks or not self._in_year(child):
            return []
        last = min(child.left or self._end, self._end)
        rows: list[tuple[str, ...]] = []
        day, wait = add_working_days(child.entered, 19), 80
        while day < last:
            if day >= self._start:
                rows.append((child.number, text(child.born), text(day), "PN0" if day < child.birthday(4) else "PN1"))
            day, wait = day + dt.timedelta(days=wait), 170
        return rows

    def _uasc(self, child: Child) -> list[tuple[str, ...]]:
        if not child.asylum_seeking or not self._in_year(child):
            return []
        ended = text(child.birthday(18)) if self._start <= child.birthday(18) <= self._end else ""
        return [(child.number, self._sex(child), text(child.born), ended)]

    def _oc2(self, child: Child) -> list[tuple[str, ...]]:
        if not self._all_year(child):
            return []
        draw = Random(child.number)
        under_5 = child.birthday(5) > self._end
        scored = child.birthday(4) <= self._end and child.birthday(17) >= self._start
        misuse = "1" if draw.random() < 0.05 and child.birthday(12) <= self._start else "0"
        received = ("1" if draw.random() < 0.7 else "0") if misuse == "1" else ""
        offered = "1" if received == "0" else ""
        reason = "SDQ5" if scored and draw.random() < 0.1 else ""
        return [
            (
                child.number, text(child.born), str(draw.randint(0, 30)) if scored and not reason else "", reason,
                "0" if child.birthday(10) <= self._end else "", "1" if under_5 else "", "1", "1", "1", misuse, received,
                offered,
            )
        ]  # fmt: skip

    def _oc3(self, child: Child) -> list[tuple[str, ...]]:
        if not self._is_care_leaver(child):
            return []
        draw = Random(child.number)
        if draw.random() < 0.06:
            return [(child.number, text(child.born), "NO", "0", "0")]
        stays = child.episodes[-1].rec == "E17"
        return [
            (child.number, text(child.born), "YES", draw.choice(_ACTIVITIES), "Z1" if stays else draw.choice(_HOUSING))
        ]

    def _ad1(self, child: Child) -> list[tuple[str, ...]]:
        left = child.left
        if child.decided is None or child.matched is None or left is None or not self._start <= left <= self._end:
            return []
        foster = "1" if child.with_foster_carers else "0"
        return [(child.number, text(child.born), text(child.decided), text(child.matched), foster, "2", "MF", "L11")]

    def _placed_for_adoption(self, child: Child) -> list[tuple[str, ...]]:
        if child.decided is None or child.decided > self._end or not self._in_year(child):
            return []
        return [(child.number, text(child.born), text(child.decided), "", "")]

    def _previous_permanence(self, child: Child) -> list[tuple[str, ...]]:
        if not self._start <= child.entered <= self._end or (child.short_breaks and child.entered < self._start):
            return []
        kind, authority, day = child.earlier_order or ("Z1", "", None)
        return [(child.number, text(child.born), kind, authority, text(day))]

    def _missing(self, child: Child) -> list[tuple[str, ...]]:
        return [
            (child.number, text(child.born), kind, text(gone), text(back))
            for kind, gone, back in child.missing
            if self._start <= gone and back <= self._end
        ]

    def _workers(self, child: Child) -> list[tuple[str, ...]]:
        if not self._in_year(child) or child.short_breaks:
            return []
        return [
            (
                child.number,
                text(child.born),
                worker,
                text(start),
                text(end if end and end <= self._end else None),
                reason,
            )
            for worker, start, end, reason in child.workers
            if start <= self._end and (end is None or end >= self._workers_from)
        ]

    def _deprivation_of_liberty(self, child: Child) -> list[tuple[str, ...]]:
        if child.deprived_of_liberty is None:
            return []
        start, end = child.deprived_of_liberty
        in_year = self._start <= start and end <= self._end
        return [(child.number, text(child.born), text(start), text(end))] if in_year else []


def text(day: dt.date | None) -> str:
    """A date as the return writes it; "" for none."""
    return day.strftime("%d/%m/%Y") if day else ""


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The day so many working days later."""
    return WorkingDays().shift_day(day, count)


def draw_returns(standard: Standard, children: int, seed: int) -> Drawn:
    """Invented children of one authority: this year's tables and last year's, cut from the same journeys."""
    drawn = Journeys(standard, seed).children(children)
    known = standard.collection.versions
    year = Year(standard.version)
    shape = standard.collection.standard(year.previous if year.previous in known else known[0])
    return Drawn(
        tables=Cut(standard, year, drawn).tables(),
        previous=Cut(shape, year.previous, drawn).tables(),
        authority=AUTHORITY,
        providers=PROVIDERS,
    )

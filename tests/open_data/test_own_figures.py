"""Files of our own protected figures: every number shown is inverted, and no hidden count comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csc_data.disclosure import POLICIES, Policy, protect_with_shares
from csc_data.open_data.audit import audit
from csc_data.open_data.layout import read_data_file

ENGLAND, REGION = "E92000001", "E12000001"
AUTHORITIES = [f"E0600000{number}" for number in range(1, 7)]


def counts(seed: int) -> pd.DataFrame:
    """Exact counts of six authorities, their region and the nation by placement."""
    draw = np.random.default_rng(seed)
    own = {area: draw.poisson(draw.choice([2, 8, 30], 4)) for area in AUTHORITIES}
    whole = np.sum(list(own.values()), axis=0)
    rows = [
        {
            "period": "2025", "area": area, "within": REGION if area in own else ENGLAND if area == REGION else "",
            "rounded_to": 1 if area in own else 10, "placement": name, "count": int(count),
        }
        for area, values in {**own, REGION: whole, ENGLAND: whole}.items()
        for name, count in zip(["Foster", "Home", "Kin", "Other", "Total"], [*values, values.sum()], strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def written(protected: pd.DataFrame, path: Path) -> Path:
    """The figures in the layout of open data."""
    area = protected["area"]
    level = area.map({ENGLAND: "National", REGION: "Regional"}).fillna("Local authority")
    percent = (
        protected["percent"]
        .map(lambda value: f"{value:.1f}")
        .where(protected["percent_symbol"] == "", protected["percent_symbol"])
    )
    pd.DataFrame(
        {
            "time_period": protected["period"], "time_identifier": "Reporting year", "geographic_level": level,
            "country_code": ENGLAND, "country_name": "England",
            "region_code": np.where(level == "National", "", REGION), "region_name": "North East",
            "new_la_code": area.where(level == "Local authority", ""), "placement": protected["placement"],
            "children_count": protected["shown"].astype(object).where(protected["symbol"] == "", "c"),
            "children_percent": percent,
        }
    ).to_csv(path, index=False)  # fmt: skip
    return path


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_no_hidden_count_comes_back_from_what_is_shown(policy: Policy, tmp_path: Path) -> None:
    for seed in range(6):
        given = counts(seed)
        protected = protect_with_shares(given, policy, "placement", places=1)
        hidden = protected["symbol"] == "c"
        assert hidden.any()
        assert (protected.loc[hidden, "percent_symbol"] == "c").all()
        shown = protected.loc[~hidden, ["shown", "rounded_to"]]
        assert not shown["shown"].between(1, 5).any()
        assert (shown.loc[shown["rounded_to"] == 10, "shown"] % 10 == 0).all()
        file = read_data_file(written(protected, tmp_path / f"{seed}.csv"))
        assert audit([file], policy).passed


def test_percentages_are_of_exact_counts_and_have_symbols() -> None:
    rows = [("a", 740), ("b", 1040), ("c", 0), ("d", 3), ("Total", 1783), ("e", 0)]
    given = pd.DataFrame(rows, columns=["placement", "count"]).assign(period="2025", area="x", within="", rounded_to=10)
    nobody = given.assign(area="y", count=0)
    protected = protect_with_shares(pd.concat([given, nobody], ignore_index=True), POLICIES["strict"], "placement")
    first = protected[protected["area"] == "x"].set_index("placement")
    assert first.loc["a", ["shown", "percent"]].tolist() == [740, 42]
    assert first.loc["d", "percent_symbol"] == "c"
    assert set(protected.loc[protected["area"] == "y", "percent_symbol"]) == {"z"}
    assert protected["percent"].isna().equals(protected["percent_symbol"] != "")

"""What the standards say, as data: installed packs, concepts, indicators, code sets, versions and their differences."""

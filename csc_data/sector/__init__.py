"""Many authorities side by side, from counts alone: whose problem is it, and by which pattern?

``read_exchanges`` pools exchange files (or a store) to a ``Sector``; the other functions work out what follows. How any
of it is shown is not known here. ``bundles`` needs SciPy, which the extra ``csc-data[statistics]`` brings.
"""

from csc_data.sector.bundling import BUNDLES, bundles
from csc_data.sector.clustering import CLUSTERS, clusters
from csc_data.sector.failing import PREVALENCE, prevalence
from csc_data.sector.funnels import POINTS, SectorFunnel, funnel
from csc_data.sector.pooled import AUTHORITIES, INDICATORS, ITEMS, RULES, SECTOR, Sector, read_sector
from csc_data.sector.reading import read_exchanges
from csc_data.sector.routing import ROUTES, routes
from csc_data.sector.series import spc

__all__ = [
    "AUTHORITIES",
    "BUNDLES",
    "CLUSTERS",
    "INDICATORS",
    "ITEMS",
    "POINTS",
    "PREVALENCE",
    "ROUTES",
    "RULES",
    "SECTOR",
    "Sector",
    "SectorFunnel",
    "bundles",
    "clusters",
    "funnel",
    "prevalence",
    "read_exchanges",
    "read_sector",
    "routes",
    "spc",
]

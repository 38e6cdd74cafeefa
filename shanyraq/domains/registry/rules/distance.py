"""Distances between points of the earth, in kilometres along the great circle."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG


def distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Kilometres between two points given in degrees (haversine: exact also for neighbours)."""
    north, east = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    square = sin(north) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(square)))


def distances_km(lon: float, lat: float, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kilometres from one point to each of many: (n,) in the order given."""
    north, east = np.radians(lats - lat) / 2, np.radians(lons - lon) / 2
    square = np.sin(north) ** 2 + cos(radians(lat)) * np.cos(np.radians(lats)) * np.sin(east) ** 2
    reached: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(square)))
    return reached

"""Figures as people read them: a value with its error band, rounded to what the band allows."""

NOT_MEASURED = "–"
_KMH_PER_MPS = 3.6


def with_band(value: float | None, error: float | None, *, decimals: int = 1) -> str:
    """For example ``30.9 ± 0.9``; a dash where nothing was measured."""
    if value is None:
        return NOT_MEASURED
    if error is None:
        return f"{value:.{decimals}f}"
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def kmh_with_band(speed_mps: float | None, error_mps: float | None) -> str:
    """A speed in metres per second as whole kilometres per hour, for example ``18 ± 2``."""
    if speed_mps is None:
        return NOT_MEASURED
    error_kmh = None if error_mps is None else error_mps * _KMH_PER_MPS
    return with_band(speed_mps * _KMH_PER_MPS, error_kmh, decimals=0)


def percent(share: float) -> str:
    return f"{share:.0%}"

"""How somebody moved: from noisy positions at irregular times to distance and speed with error bands.

Positions are filtered before they are differentiated: differences of raw positions turn 0.2 m of jitter at 25 frames
per second into 7 m/s. What jitter is left after the filter is known from :mod:`football.local_fit`, and it is taken
out of the speed, which it can only lengthen: a standing person has a speed of about zero, not of the jitter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from football.local_fit import (
    Jitter,
    Velocities,
    estimate_jitter,
    fit_accelerations,
    fit_line,
    fit_windows,
    line_residuals,
    window_residuals,
)
from football.plausibility import MAX_ACCELERATION_MPS2, MAX_SPEED_MPS, find_stretches

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

WINDOW_S = 1.5
"""Length of the filter. Raising it flattens the peak of a short sprint; lowering it lets jitter through (as the power
1.5 of the length)."""

SLOW_WINDOW_S = 4.5
"""Length of the filter for movement that the first one cannot tell from standing: its velocities are five times less
noisy, and people who move that slowly do not change direction within a second. Raising it cuts the corners of slow
walks; lowering it loses them in the jitter."""

ACCELERATION_WINDOW_S = 1.2
"""Over which an acceleration must be one that a human has. Raising it lets shorter slides of a track pass for sprints;
lowering it takes jitter for slides."""

STILL_SIGMAS = 2.5
"""Speeds under this many standard deviations of their noise cannot be told from standing, and count as standing.
Raising it loses slow walks of noisy tracks; lowering it makes standing people run."""

MIN_STRETCH_S = 0.5
"""Shorter stretches are not measured: a straight line through 0.5 s of 0.15 m jitter is off by about 0.3 m/s."""

BRIDGE_S = 0.4
"""Over a longer silence the way is drawn as a straight line, which is good for a distance and not for a top speed:
after it the tracker may follow somebody else. Raising it lets such changes become sprints."""

_MIN_HALF_WINDOW = 2  # samples; a cubic goes through any four, so a window has five
_MIN_SAMPLES = 3
_MIN_RESIDUALS = 10
_BAND_SIGMAS = 2.0
_PEAK_SIGMAS = 3.0  # a maximum picks the luckiest of many windows: of the eighty in a minute one is off by three sigmas
_DISTANCE_SHARE = 0.01  # what the filter cuts off corners, and what no noise model covers
_TOP_SPEED_SHARE = 0.03  # how much of a one-second peak the filter flattens


@dataclass(frozen=True, slots=True)
class Motion:
    """The motion of one track. A figure that could not be had is None, never 0.

    The errors are bands: about 19 of 20 true values lie within figure +- error as far as jitter is concerned. They
    know nothing of a wrong calibration, which stretches all distances alike. Jitter that a tracker has smoothed looks
    like slow steps: the few metres a minute that it gives somebody who stands may be more than the band.
    """

    distance_m: float | None
    distance_error_m: float | None
    top_speed_mps: float | None  # None also where no stretch holds a filter's length of sound samples
    top_speed_error_mps: float | None
    mean_speed_mps: float | None
    seconds_measured: float  # gaps and stretches too short to filter are left out
    rejected_samples: int  # samples that nobody could have run to


def measure_motion(times_s: FloatArray, points_m: FloatArray) -> Motion:
    """Motion of one track from increasing ``times_s`` (N,), seconds, and ``points_m`` (N, 2), metres.

    Samples may be irregular. Nothing is counted across a gap of more than ``sampling.MAX_GAP_S``, nor across a jump.
    Points that are not finite count as not seen.
    """
    found = find_stretches(times_s, points_m)
    stretches = [_resample(times_s[part], points_m[part]) for part in found.indices if _long_enough(times_s[part])]
    if not stretches:
        return _nothing_measured(found.rejected)
    jitter = _measure_jitter(stretches)
    return _add_up([_measure_speeds(stretch, jitter) for stretch in stretches], found.rejected)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """An unbroken part of a track: ``points_m`` (N, 2) every ``interval_s``.

    ``bridged`` (N,) tells which of them lie in a silence of more than ``BRIDGE_S``, where nobody was seen running.
    """

    interval_s: float
    points_m: FloatArray
    bridged: BoolArray

    @property
    def half(self) -> int:
        return self._half_window(WINDOW_S)

    @property
    def slow_half(self) -> int:
        return self._half_window(SLOW_WINDOW_S)

    @property
    def acceleration_half(self) -> int:
        return self._half_window(ACCELERATION_WINDOW_S)

    def holds(self, half: int) -> bool:
        return len(self.points_m) > 2 * half

    def _half_window(self, window_s: float) -> int:
        return max(_MIN_HALF_WINDOW, round(window_s / self.interval_s / 2.0))


@dataclass(frozen=True, slots=True)
class _Speeds:
    """Speeds (N,) of a stretch without the share of the jitter, their noise (N,), and the time (N,) each stands for.

    ``runnable`` (N,) tells which of them a human could have run; ``peak`` (N,) which are good enough for a top speed:
    those in the middle of a whole window with nothing doubtful in it.
    """

    speeds_mps: FloatArray
    noise_mps: FloatArray
    weights_s: FloatArray
    runnable: BoolArray
    peak: BoolArray


def _long_enough(times_s: FloatArray) -> bool:
    return len(times_s) >= _MIN_SAMPLES and float(times_s[-1] - times_s[0]) >= MIN_STRETCH_S


def _resample(times_s: FloatArray, points_m: FloatArray) -> _Stretch:
    """Positions at the usual interval of the samples, by straight lines between them."""
    duration_s = float(times_s[-1] - times_s[0])
    usual_s = float(np.median(np.diff(times_s)))
    steps = max(2, round(duration_s / usual_s))
    even_s = times_s[0] + duration_s / steps * np.arange(steps + 1)
    even_m = np.column_stack([np.interp(even_s, times_s, points_m[:, axis]) for axis in (0, 1)])
    following = np.clip(np.searchsorted(times_s, even_s), 1, len(times_s) - 1)
    bridged = np.diff(times_s)[following - 1] > max(BRIDGE_S, 2.0 * usual_s)
    return _Stretch(duration_s / steps, even_m, bridged)


def _measure_jitter(stretches: list[_Stretch]) -> Jitter:
    """Jitter of the whole track from what the filter leaves over.

    Where nearly every stretch is shorter than the filter, it is what straight lines leave over, turns included, which
    rather says too much than too little.
    """
    whole = [stretch for stretch in stretches if stretch.holds(stretch.half)]
    residuals = [window_residuals(stretch.points_m, stretch.half) for stretch in whole]
    if sum(len(part) for part in residuals) >= _MIN_RESIDUALS:
        return estimate_jitter(residuals, whole[0].half)
    squares = sum(float(np.sum(line_residuals(stretch.points_m) ** 2)) for stretch in stretches)
    freedom = sum(2 * (len(stretch.points_m) - 2) for stretch in stretches)
    return Jitter((squares / freedom) ** 0.5, 0.0)


def _measure_speeds(stretch: _Stretch, jitter: Jitter) -> _Speeds:
    points_m, interval_s, half = stretch.points_m, stretch.interval_s, stretch.half
    weights_s = np.full(len(points_m), interval_s)
    weights_s[[0, -1]] /= 2.0  # trapezoids
    peak = np.zeros(len(points_m), dtype=np.bool_)
    if not stretch.holds(half):
        speeds, noise = _without_jitter(fit_line(points_m, interval_s), jitter)
        return _Speeds(speeds, noise, weights_s, speeds <= MAX_SPEED_MPS, peak)
    speeds, noise = _without_jitter(fit_windows(points_m, interval_s, half), jitter)
    runnable = speeds <= MAX_SPEED_MPS
    peak[half:-half] = ~_doubtful(stretch)[half:-half]
    if stretch.holds(stretch.slow_half):
        slow = _without_jitter(fit_windows(points_m, interval_s, stretch.slow_half), jitter)
        unclear = speeds == 0.0
        speeds, noise = np.where(unclear, slow[0], speeds), np.where(unclear, slow[1], noise)
    return _Speeds(speeds, noise, weights_s, runnable, peak)


def _doubtful(stretch: _Stretch) -> BoolArray:
    """Tell which samples share a window with a silence, or with an acceleration that no human has, shape (N,).

    Their speed is no sprint, but their few metres stay in the distance: leaving them out would lose more.
    """
    accelerations = fit_accelerations(stretch.points_m, stretch.interval_s, stretch.acceleration_half)
    sudden = accelerations > MAX_ACCELERATION_MPS2
    unusual = np.pad(sudden | stretch.bridged, stretch.half)
    return np.asarray(sliding_window_view(unusual, 2 * stretch.half + 1).any(axis=1), dtype=np.bool_)


def _without_jitter(velocities: Velocities, jitter: Jitter) -> tuple[FloatArray, FloatArray]:
    """Speeds (N,) and their noise (N,), m/s; the speed is 0 where it cannot be told from standing.

    The expected square of a noisy length is larger by the variance of both components (Rice's distribution).
    """
    noise = velocities.noise_mps(jitter)
    squares = np.sum(velocities.values**2, axis=1)
    moving = squares > (STILL_SIGMAS * noise) ** 2
    return np.sqrt(np.where(moving, squares - 2.0 * noise**2, 0.0)), noise


def _add_up(stretches: list[_Speeds], rejected: int) -> Motion:
    speeds, noise, weights, peak = (
        np.concatenate(parts) for parts in zip(*(_runnable_parts(stretch) for stretch in stretches), strict=True)
    )
    rejected += sum(int((~stretch.runnable).sum()) for stretch in stretches)
    if len(speeds) == 0:
        return _nothing_measured(rejected)
    distance_m, seconds = float(speeds @ weights), float(weights.sum())
    top_speed, top_speed_error = _top_speed(speeds[peak], noise[peak])
    return Motion(
        distance_m=distance_m,
        distance_error_m=_distance_error_m(speeds, noise, weights),
        top_speed_mps=top_speed,
        top_speed_error_mps=top_speed_error,
        mean_speed_mps=distance_m / seconds,
        seconds_measured=seconds,
        rejected_samples=rejected,
    )


def _runnable_parts(stretch: _Speeds) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    keep = stretch.runnable
    return stretch.speeds_mps[keep], stretch.noise_mps[keep], stretch.weights_s[keep], stretch.peak[keep]


def _distance_error_m(speeds: FloatArray, noise: FloatArray, weights: FloatArray) -> float:
    """Band of the distance: jitter of the speeds, movement too slow to be seen, and what the filter cuts off."""
    # Neighbouring speeds share their jitter: independent ones lie half a window apart.
    jitter_m = _BAND_SIGMAS * np.sqrt(noise**2 @ weights * WINDOW_S / 2.0)
    unseen_m = noise @ np.where(speeds > 0.0, 0.0, weights)
    return float(np.linalg.norm([jitter_m, unseen_m, _DISTANCE_SHARE * (speeds @ weights)]))


def _top_speed(speeds: FloatArray, noise: FloatArray) -> tuple[float | None, float | None]:
    if len(speeds) == 0:
        return None, None
    peak = int(np.argmax(speeds))
    error = np.hypot(_PEAK_SIGMAS * noise[peak], _TOP_SPEED_SHARE * speeds[peak])
    return float(speeds[peak]), float(error)


def _nothing_measured(rejected: int) -> Motion:
    return Motion(None, None, None, None, None, 0.0, rejected)

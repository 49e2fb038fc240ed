"""How long answers took."""

from collections.abc import Sequence


def quantile(seconds: Sequence[float], share: float) -> float:
    """The least of ``seconds`` that at least this share of them does not exceed (nearest rank)."""
    ranked = sorted(seconds)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def in_ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"

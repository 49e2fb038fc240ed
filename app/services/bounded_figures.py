"""Figures that are a part of another: shots on target of all shots, for example."""

from collections.abc import Mapping

from app.core.errors import Unprocessable


def check_parts(figures: Mapping[str, object], whole_of: Mapping[str, str]) -> None:
    """
    Args:
        figures: the figures of a row as they would stand; what is absent or None is not known, and contradicts nothing.
        whole_of: which figure must not be exceeded, by the name of the part.

    Raises:
        Unprocessable: a part is larger than the whole.
    """
    wrong = {part: whole for part, whole in whole_of.items() if _exceeds(figures.get(part), figures.get(whole))}
    if wrong:
        sentence = "; ".join(
            f"{part.replace('_', ' ')} exceed {whole.replace('_', ' ')}" for part, whole in wrong.items()
        )
        fields = {f"/{part}": f"is more than {whole}" for part, whole in wrong.items()}
        raise Unprocessable(f"The figures contradict each other: {sentence}.", code="figures_contradict", fields=fields)


def _exceeds(part: object, whole: object) -> bool:
    return isinstance(part, int) and isinstance(whole, int) and part > whole

"""Graphics laid over the picture of a moving camera: score boards, logos. The scene moves below them, they do not."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_MEMORY = 0.98  # per picture: 0.9 is reached after some 110 pictures
_LASTING = 0.9
_STILL_CAMERA_SHARE = 0.3


class Overlay:
    """Learns which pixels are always foreground. One per video."""

    def __init__(self) -> None:
        self._presence: NDArray[np.float32] | None = None

    def find(self, foreground: Mask) -> Mask:
        """Take the next ``foreground`` (height, width) and tell which of its pixels are graphics.

        While the camera rests, lines last as well; then nothing counts as graphics.
        """
        present = foreground.astype(np.float32)
        if self._presence is None or self._presence.shape != present.shape:
            self._presence = np.zeros_like(present)
        self._presence += (present - self._presence) * np.float32(1 - _MEMORY)
        lasting = foreground & (self._presence > _LASTING)
        if lasting.sum() > _STILL_CAMERA_SHARE * max(1, int(foreground.sum())):
            return np.zeros_like(foreground)
        return lasting

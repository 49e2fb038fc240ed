"""Views of rendered pitches, with the looks of those of labelled frames."""

import numpy as np

from training.detector.crops import change_look
from training.pitch.crops import VIEW_SIZE, View, cover
from training.rendering.scenes import render_scene


def render_view(random: np.random.Generator) -> View:
    """All is known of its points: those in the picture are learnt, even where somebody stands on them."""
    scene = render_scene(VIEW_SIZE, random)
    view = scene.camera.view()
    width, height = VIEW_SIZE
    to_pixels = np.array([[width / 2, 0, width / 2], [0, width / 2, height / 2], [0, 0, 1]])
    picture = change_look(cover(scene.picture, random), random)
    return View(picture, to_pixels @ view.to_plane, scene.points, np.ones(len(scene.points), np.bool_), view.k1)

import numpy as np

from engine.overlay import Overlay


def test_a_score_board_over_a_moving_scene_is_found():
    overlay = Overlay()
    board = np.zeros((50, 200), np.bool_)
    board[5:10, 5:30] = True
    for number in range(150):
        scene = np.zeros_like(board)
        scene[20:45, number : number + 30] = True
        found = overlay.find(board | scene)
    assert np.array_equal(found, board)


def test_a_resting_camera_has_no_overlay():
    overlay = Overlay()
    lines = np.zeros((50, 200), np.bool_)
    lines[10:13] = True
    for _ in range(150):
        found = overlay.find(lines)
    assert not found.any()

"""From detections to tracks: who in this frame is who in the last one."""

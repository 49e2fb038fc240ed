"""What kinds of video both sides open, as FFmpeg calls its demuxers.

These are what cameras, phones and recorders write. The list also keeps out demuxers that open further files or
addresses named inside a file (playlists), and those that take any text for a video.
"""

CONTAINER_FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"
OPEN_OPTIONS = {"format_whitelist": CONTAINER_FORMATS, "protocol_whitelist": "file"}

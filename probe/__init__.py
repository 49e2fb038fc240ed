"""What there is in a video, told by a process of its own that holds nothing but the file."""

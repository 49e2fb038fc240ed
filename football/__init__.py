"""What football is: the pitch, the camera that looks at it, and how people move on it. NumPy and SciPy only."""

"""HTTP: routes, what they may ask for, and how errors look."""

"""Routes, one file per resource. They do not import each other."""

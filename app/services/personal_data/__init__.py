"""What is held about a person: given out, and erased (docs/decisions/0040)."""

"""How good the engine is, against what people labelled: ``python -m engine evaluate``."""

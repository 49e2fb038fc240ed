"""Scripts that train what the engine ships. They need more than the product: requirements-training.txt."""

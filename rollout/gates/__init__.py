"""Gates: what a step must pass. Each module judges observations and has no effects; time is an argument."""

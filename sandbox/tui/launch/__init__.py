"""The launcher: choose a scenario, and see what it holds before it is run."""

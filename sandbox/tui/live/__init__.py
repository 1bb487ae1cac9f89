"""A run as it is played."""

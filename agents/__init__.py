"""The guest: everything that enters a box, written with the standard library alone."""

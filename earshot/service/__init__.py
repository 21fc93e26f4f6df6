"""Keeps the steps going: once, or for ever on a schedule."""

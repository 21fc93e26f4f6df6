"""Whose customer an author is, and what they are worth."""

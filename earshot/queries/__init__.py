"""Queries held to examples, and what they would cost."""

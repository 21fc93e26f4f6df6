"""Threads, by keyword."""

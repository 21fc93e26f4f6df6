"""Hacker News, through Algolia."""

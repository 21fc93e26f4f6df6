"""Slack: how messages look there, how they get there, and what its answers mean."""

"""Whom to tell: rules, incidents, clocks, Slack and the digest."""

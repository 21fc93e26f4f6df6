"""Alerting: rules, incidents and their deadlines, messages, Slack and the digest."""

"""Incidents: opened, notified, answered, and what people do with them."""

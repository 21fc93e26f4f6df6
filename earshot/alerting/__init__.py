"""Incidents: opened, told, answered, and what people do with them."""

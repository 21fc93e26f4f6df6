"""Customers and orders as CRMs and shops give them over their APIs."""

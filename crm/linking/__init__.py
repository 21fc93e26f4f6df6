"""Who an author is among the customers: keys that find candidates, evidence, weights, a verdict."""

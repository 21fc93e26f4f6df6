"""Google Play, reviews of own apps."""

"""Stack Exchange sites."""

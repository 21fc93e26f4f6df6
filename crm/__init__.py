"""Who wrote, and what they are worth: customer files, links from authors, value."""

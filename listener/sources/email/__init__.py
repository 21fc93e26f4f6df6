"""Mail to folders of a mail server."""

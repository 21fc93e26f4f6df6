"""YouTube, videos and their comments."""

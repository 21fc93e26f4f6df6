"""Where mentions come from: one folder per source, queries, contracts, imports, the webhook."""

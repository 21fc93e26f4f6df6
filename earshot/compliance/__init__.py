"""What the law and the networks ask: deletions followed, words redacted, nothing kept too long."""

"""What customers are worth and are expected to bring, by the rhythm of their orders."""

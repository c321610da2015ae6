"""Registration, tokens, capacity, generation per worker."""

"""Nothing here knows a noun of the product."""

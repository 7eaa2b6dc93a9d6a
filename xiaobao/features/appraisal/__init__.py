"""考核: scores of a year or quarter, published, objected to, settled; other weights tried."""

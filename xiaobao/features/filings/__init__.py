"""报送: what units file for a period, from request to merge."""

"""自评估: the regulator's seven elements, scored and evidenced."""

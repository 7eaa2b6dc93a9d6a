"""What the registers (登记簿) say: each turned into the figures that reports need; a missing one is 无数据, never 0."""

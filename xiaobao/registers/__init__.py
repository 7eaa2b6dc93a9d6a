"""What the registers (登记簿) say: each turned into the figures that reports need, nothing claimed that they do not give."""

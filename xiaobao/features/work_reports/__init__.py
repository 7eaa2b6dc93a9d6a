"""工作报告: the half-year and annual reports, from complaints, registers and inspections."""

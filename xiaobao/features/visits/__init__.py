"""检查项目: one team at one unit, from the annual plan to the papers that people sign."""

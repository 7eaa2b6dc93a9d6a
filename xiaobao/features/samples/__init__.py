"""抽样: a frozen population, a seeded draw that anybody can repeat, a result for each record, and a conclusion."""

"""The analysts' bench: the bank's data and results as tables of pandas, cut to what whoever asks may see."""

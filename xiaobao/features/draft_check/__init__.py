"""figures check: does every number of a draft follow from the data?"""

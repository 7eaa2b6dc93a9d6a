"""One folder a feature: each answers for itself; `xiaobao.feature_list` says what each brings."""

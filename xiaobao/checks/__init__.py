"""The data checks, one module a domain. `registry.REGISTRY` finds one by its id; `registry.run_check` runs one."""

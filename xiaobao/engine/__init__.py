"""Notebooks executed fast and apart: a warm clean process forks one child a notebook. README.md beside says more.

`zygote` is the process that forks, `children` its parent's side; `kernel` is a real IPython kernel without sockets,
`notebook` executes one file in it. Two doors lead in: `provisioner` for any Jupyter client, `papermill_engine` for
papermill. `plain` does the same work without a fork, where there is none.
"""

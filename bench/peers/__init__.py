"""The same two endpoints in other stacks, for bench/http.py. They run in .venv-bench and import nothing of ours."""

.PHONY: run check test

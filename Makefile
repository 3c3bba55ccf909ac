# Aliases of the npm scripts, for those who type make.
.PHONY: demo start dev test bench check

demo start dev test bench check:
	npm run $@

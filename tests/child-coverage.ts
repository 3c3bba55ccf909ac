/** Set here and not outside, so that only the processes that tests start record themselves: vitest records its own. */
const directory = process.env.EVALFORGE_TEST_CHILD_COVERAGE
if (directory) process.env.NODE_V8_COVERAGE = directory

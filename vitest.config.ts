import { defineConfig } from 'vitest/config'

/** Counting lines makes everything some times slower. */
const slower = process.env.EVALFORGE_TEST_CHILD_COVERAGE ? 5 : 1
const shared = {
  testTimeout: 20_000 * slower,
  hookTimeout: 60_000,
  pool: 'forks' as const,
  setupFiles: ['./tests/fixed-seed.ts', './tests/child-coverage.ts'],
}

const never = ['**/node_modules/**']
/** What starts whole instances mostly waits for them: two at a time, after the unit tests. */
const processes = { testTimeout: 180_000 * slower, maxWorkers: 2, sequence: { groupOrder: 1 } }
/** What measures or kills for minutes has the machine to itself. */
const alone = { testTimeout: 900_000, fileParallelism: false, sequence: { groupOrder: 2 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, '**/*.integration.test.ts', '**/*.long.test.ts', 'tests/e2e/**', 'tests/loss/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['**/*.integration.test.ts', 'tests/e2e/**/*.test.ts', 'tests/loss/**/*.test.ts'],
          exclude: [...never, '**/*.long.test.ts'],
          ...processes,
        },
      },
      {
        test: {
          ...shared,
          name: 'long',
          include: ['**/*.long.test.ts'],
          exclude: never,
          ...alone,
        },
      },
    ],
  },
})

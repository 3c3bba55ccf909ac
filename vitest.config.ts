import { defineConfig } from 'vitest/config'

const shared = {
  testTimeout: 20_000,
  hookTimeout: 60_000,
  pool: 'forks' as const,
  setupFiles: ['./tests/fixed-seed.ts'],
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts', 'tests/e2e/**', 'tests/loss/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['**/*.integration.test.ts', 'tests/e2e/**/*.test.ts', 'tests/loss/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})

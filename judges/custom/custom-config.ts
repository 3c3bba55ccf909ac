import { z } from 'zod'
import { whereConfig } from '../where.ts'
import { LABEL } from './bundle.ts'

/** Of one list; each is a process of its own. */
export const MAX_CUSTOM_JUDGES = 8
const MAX_CONFIG_BYTES = 64 << 10

const customJudge = z
  .strictObject({
    name: z
      .string()
      .regex(LABEL, 'small letters, digits and _, at most 64, a letter first.')
      .describe('Name of the judge in verdicts, tables and metrics, whatever the module calls it.'),
    enabled: z.boolean().default(true).describe('Whether it runs.'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe('JavaScript or TypeScript module; relative to where EvalForge was started.'),
    package: z
      .string()
      .regex(/^(?:@[\w.-]+\/)?[\w-][\w.-]*(?:\/[\w./-]+)?$/, 'the name of a package.')
      .optional()
      .describe('npm package instead, as it is found from where EvalForge was started.'),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .refine((config) => Buffer.byteLength(JSON.stringify(config)) <= MAX_CONFIG_BYTES, 'at most 64 KiB as JSON.')
      .describe('Handed to its `createJudge`.'),
    where: whereConfig([]).prefault({}).describe('The spans it looks at; by default all.'),
    time_limit_ms: z
      .number()
      .int()
      .min(10)
      .max(10_000)
      .default(250)
      .describe('For one batch of at most 200 spans. The stream waits so long for it, and no longer.'),
    memory_limit_mb: z.number().int().min(16).max(1_024).default(64).describe('JavaScript memory of its process.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits.')
      .optional()
      .describe('Of the code. Filled in when a configuration is put in force; written here, other code is refused.'),
  })
  .refine((entry) => (entry.file === undefined) !== (entry.package === undefined), 'needs either `file` or `package`.')

/** The `judges.custom` section: judges of the user's own, as modules. `reserved`: names of our own. */
export const customJudgesConfig = (reserved: readonly string[]) =>
  z
    .array(customJudge)
    .max(MAX_CUSTOM_JUDGES)
    .superRefine((entries, context) => {
      const names = new Set<string>()
      for (const [index, { name }] of entries.entries()) {
        if (names.has(name))
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'stands twice in the list.' })
        if (reserved.includes(name))
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: 'is the name of a judge that is shipped.',
          })
        names.add(name)
      }
    })
    .default([])
    .describe('Your own judges, as modules ([custom-judges.md](custom-judges.md)).')

export type CustomJudgeEntry = z.infer<typeof customJudge>

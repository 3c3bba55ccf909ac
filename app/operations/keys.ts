import { z } from 'zod'
import { CodedError } from '../../core/errors.ts'
import { type OperationDeps, type Operations, parseBody } from './operation.ts'

const applyBody = z.strictObject({
  /** Of the configuration whose keys these are, so that the keys of another instance are left alone. */
  data_dir: z.string(),
  /** All of the file. */
  values: z.record(z.string(), z.unknown()),
})

export function keyOperations({ config_control, config }: OperationDeps): Operations {
  return {
    /** Puts the keys of a file in force, and nothing else of it. Answers a ConfigOutcome. */
    async keys_apply(body) {
      const { data_dir, values } = parseBody(applyBody, body)
      if (config_control === undefined)
        throw new CodedError('REQUEST_INVALID', 'Nothing runs here that has keys in force.')
      if (data_dir !== config.data_dir)
        throw new CodedError(
          'REQUEST_INVALID',
          `This instance keeps its data in ${config.data_dir}, not in ${data_dir}: it is another one. Its keys are left alone.`,
        )
      return config_control.apply(values, { keys_only: true, note: 'keys', dry_run: false })
    },
  }
}

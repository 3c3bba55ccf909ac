import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { withPorts } from './flags.ts'

export function addDoctorCommand(program: Command): void {
  withPorts(program.command('doctor').description('look at everything EvalForge needs, and say what is wrong'))
    .option('--json', 'print one JSON object', false)
    .action(async (flags: CommonFlags & { json: boolean }) =>
      (await import('../commands/doctor.ts')).doctor(contextOf(flags), { json: flags.json }),
    )
}

import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { type GoldenCase, readGoldenCases } from '../../judges/golden-cases.ts'
import type { Evidence, TextField } from '../../judges/judge.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { type JudgeLibrary, type ListedJudge, openJudgeLibrary } from '../judge-library.ts'
import { spanOfText, spansOfBytes, type Trial, tryJudge } from '../judge-trial.ts'
import { judgesOfProject } from '../project-settings.ts'
import { columns } from './columns.ts'
import { printable } from './printable.ts'

const EXAMPLES = 4
const EXCERPT = 60
const STDIN = 0

interface JudgesFlags {
  /** '' for the common judges. */
  readonly project: string
  readonly json: boolean
}

export interface TestFlags extends JudgesFlags {
  readonly text?: string
  readonly file?: string
  readonly span?: string
  readonly field: TextField
  readonly exitCode: boolean
}

export async function list(context: CommandContext, flags: JudgesFlags): Promise<void> {
  await withLibrary(context, flags, async ({ judges }) => {
    if (flags.json) {
      for (const { config: _, ...judge } of judges) console.log(JSON.stringify(judge))
      return
    }
    const rows = judges.map(({ name, enabled, unit, tier, source, version, labels, problem }) => [
      name,
      problem === '' ? (enabled ? 'on' : 'off') : 'BROKEN',
      unit,
      tier,
      source,
      version,
      labels === null ? 'any' : labels.join(' '),
    ])
    console.log(columns([['judge', '', 'unit', 'tier', 'source', 'version', 'labels'], ...rows]))
    for (const { name, problem } of judges) if (problem !== '') console.log(`\n${name}: ${printable(problem)}`)
  })
}

export async function show(context: CommandContext, { name, ...flags }: JudgesFlags & { name: string }): Promise<void> {
  await withLibrary(context, flags, async (library) => {
    const listed = listedOf(library, name)
    const examples = listed.source === 'shipped' ? examplesOf(name) : []
    const cost_us = costOf(library, listed)
    if (flags.json) return console.log(JSON.stringify({ ...listed, examples, cost_us }))
    const { source, unit, tier, version, enabled, labels, finds, pattern_count, config, problem } = listed
    console.log(`${name} ${version}  ${source}, tier ${tier}, judges a ${unit} at a time; ${enabled ? 'on' : 'off'}`)
    if (problem !== '') console.log(`cannot be loaded: ${printable(problem)}`)
    console.log(`\nfinds    ${printable(finds)}`)
    console.log(`labels   ${labels === null ? 'any' : labels.join(' ')}`)
    console.log(`patterns ${pattern_count}`)
    if (cost_us !== null)
      console.log(`cost     ${cost_us} µs for a span of 1.5 KB without a finding, alone, on this machine`)
    console.log(
      `\nsettings (${source === 'shipped' ? `judges.${name}` : source === 'custom' ? 'judges.custom' : 'judges.patterns'})`,
    )
    console.log(stringify(config).trimEnd().replaceAll(/^/gm, '  '))
    if (examples.length > 0) console.log('\nexamples')
    for (const { name: title, labels: found, text } of examples)
      console.log(`  ${found.length > 0 ? found.join(' ') : 'passes'}: ${title}\n    ${printable(text)}`)
  })
}

/** Exit code 2 where asked for and something failed. */
export async function test(context: CommandContext, { name, ...flags }: TestFlags & { name: string }): Promise<void> {
  const spans = spansGiven(flags)
  await withLibrary(context, flags, async (library) => {
    const named = name === '' ? library.judges.filter(({ enabled }) => enabled) : [listedOf(library, name)]
    const trials = named.flatMap(({ name: one, problem }) => {
      const judge = library.find(one)
      if (judge === undefined) throw new CodedError('CUSTOM_JUDGE_UNAVAILABLE', problem)
      return tryJudge(judge, spans, systemClock)
    })
    if (flags.json) for (const { texts: _, ...trial } of trials) console.log(JSON.stringify(trial))
    else
      for (const line of trials.flatMap((trial) => trialLines(trial, { alone: spans.length === 1 }))) console.log(line)
    const failed = trials.some(({ verdicts }) => verdicts.some(({ passed }) => passed === false))
    if (flags.exitCode && failed) process.exitCode = 2
  })
}

async function withLibrary(
  context: CommandContext,
  { project }: JudgesFlags,
  work: (library: JudgeLibrary) => Promise<void>,
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const judges = project === '' ? config.judges : judgesOfProject(config, project)
  const library = await openJudgeLibrary(judges, { clock: systemClock, directory: process.cwd() })
  try {
    await work(library)
  } finally {
    await library.close()
  }
}

function listedOf({ judges }: JudgeLibrary, name: string): ListedJudge {
  const found = judges.find((judge) => judge.name === name)
  if (found) return found
  throw new CodedError(
    'REQUEST_INVALID',
    `There is no judge ${printable(name)}: ${judges.map((judge) => judge.name).join(', ')}.`,
  )
}

function spansGiven({ text, file, span, field }: TestFlags) {
  const given = [text, file, span].filter((one) => one !== undefined)
  if (given.length > 1) throw new CodedError('REQUEST_INVALID', 'Give one of --text, --file and --span.')
  if (text !== undefined) return [spanOfText(text, field)]
  if (span !== undefined)
    return spansOfBytes(/^\s*\{/.test(span) ? Buffer.from(span) : readGiven(span), systemClock.now())
  return [spanOfText(readGiven(file ?? '-').toString('utf8'), field)]
}

function readGiven(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? STDIN : path)
  } catch (cause) {
    throw new CodedError('REQUEST_INVALID', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    })
  }
}

function trialLines(trial: Trial, { alone }: { alone: boolean }): readonly string[] {
  const { judge, unit, span_id, trace_id, name, applies, verdicts, duration_us } = trial
  const which = alone ? '' : `  ${unit === 'trace' ? `trace ${trace_id}` : `${span_id} ${printable(name)}`}`
  if (!applies) return [`${judge}${which}  does not apply`]
  const time = duration_us === null ? '' : `  ${duration_us} µs`
  return verdicts.flatMap((verdict) => {
    const { label, passed, severity, score, confidence, explanation, evidence, error } = verdict
    if (error !== '') return [`${judge}${which}  error${time}`, `  ${error}`]
    const outcome = passed === null ? 'undecided' : passed ? 'passed' : 'FAILED'
    const sure = confidence === null ? '' : `, ${Math.round(confidence * 100)} % sure`
    const what = label === '' ? outcome : `${outcome} ${label}, ${severity}, score ${score}${sure}`
    return [
      `${judge}${which}  ${what}${time}`,
      ...(explanation === '' ? [] : [`  ${printable(explanation)}`]),
      ...evidence.map((place) => `  ${place.path} ${place.start}-${place.end}: ${excerpt(trial, place)}`),
    ]
  })
}

/** The place with what stands around it, marked. */
function excerpt({ texts }: Trial, { path, start, end }: Evidence): string {
  const characters = Array.from(texts.find((text) => text.path === path)?.text ?? '')
  const piece = (from: number, to: number) => characters.slice(Math.max(0, from), to).join('')
  const found =
    end - start > 2 * EXCERPT ? `${piece(start, start + EXCERPT)} … ${piece(end - EXCERPT, end)}` : piece(start, end)
  const before = `${start > EXCERPT ? '…' : ''}${piece(start - EXCERPT, start)}`
  const after = `${piece(end, end + EXCERPT)}${end + EXCERPT < characters.length ? '…' : ''}`
  return printable(`${before}»${found}«${after}`)
}

interface Example {
  readonly name: string
  readonly labels: readonly string[]
  readonly text: string
}

/** Of the golden cases: one of each kind of finding, then one that passes. */
function examplesOf(judge: string): readonly Example[] {
  const cases = readGoldenCases(judge)
  const failing = [
    ...new Map(cases.filter(({ labels }) => labels.length > 0).map((one) => [one.labels.join(), one])).values(),
  ]
  const passing = cases.filter(({ labels }) => labels.length === 0)
  return [...failing.slice(0, EXAMPLES - 1), ...passing.slice(0, 1)].map((one) => ({
    name: one.name,
    labels: one.labels,
    text: shownText(one),
  }))
}

function shownText({ name: _, labels: __, ...golden }: GoldenCase): string {
  const text = Object.entries(golden)
    .map(
      ([field, value]) => `${field}: ${typeof value === 'string' ? value.replaceAll('{}', '') : JSON.stringify(value)}`,
    )
    .join(' | ')
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

const HARMLESS = 'The parcel left our warehouse on Tuesday morning and is on its way to the depot nearest to you. '

function costOf(library: JudgeLibrary, { name }: ListedJudge): number | null {
  const judge = library.find(name)
  if (judge === undefined || judge.unit === 'trace') return null
  const [trial] = tryJudge(judge, [spanOfText(HARMLESS.repeat(16).slice(0, 1500), 'output')], systemClock)
  return trial?.duration_us ?? null
}

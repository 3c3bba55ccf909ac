import { NO_PARAMETERS, type RequestParameters } from '../../schemas/llm-span.ts'
import type { Slots } from './collect.ts'
import { firstOf, isList, type JsonObject, scalarText } from './json.ts'
import { countIn, numberIn } from './readers.ts'

/** Sampling parameters from their own attributes, then from the one JSON object that several SDKs send. */
export function parametersOf(slots: Slots): RequestParameters {
  const bag = slots.parameters ?? {}
  return {
    temperature: slots.temperature ?? numberIn(bag, ['temperature']) ?? null,
    top_p: slots.top_p ?? numberIn(bag, ['top_p', 'topP']) ?? null,
    top_k: slots.top_k ?? numberIn(bag, ['top_k', 'topK']) ?? null,
    max_tokens: slots.max_tokens ?? countIn(bag, MAX_TOKENS) ?? null,
    seed: slots.seed ?? numberIn(bag, ['seed']) ?? null,
    frequency_penalty: slots.frequency_penalty ?? numberIn(bag, ['frequency_penalty', 'frequencyPenalty']) ?? null,
    presence_penalty: slots.presence_penalty ?? numberIn(bag, ['presence_penalty', 'presencePenalty']) ?? null,
    choice_count: slots.choice_count ?? countIn(bag, ['n', 'candidate_count', 'candidateCount']) ?? null,
    stop_sequences: slots.stop_sequences ?? stopsIn(bag),
    stream: slots.stream ?? streamOf(slots, bag),
    output_type: slots.output_type ?? '',
  }
}

/** The Vercel SDK says it in the name of the operation alone. */
function streamOf({ vercel_operation }: Slots, bag: JsonObject): boolean | null {
  if (typeof bag.stream === 'boolean') return bag.stream
  return vercel_operation?.includes('.doStream') ? true : null
}

/** How Python prints the marks that stand for "not given". */
const UNSET = /^<.{1,80} object at 0x[0-9a-f]+>$|^NOT_GIVEN$/

const MAX_TOKENS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxTokens', 'maxOutputTokens']

function stopsIn(bag: JsonObject): readonly string[] {
  const stop = firstOf(bag, ['stop', 'stop_sequences', 'stopSequences'])
  if (isList(stop)) return stop.slice(0, 64).map(scalarText).filter(Boolean)
  const single = scalarText(stop)
  return single && !UNSET.test(single) ? [single] : NO_PARAMETERS.stop_sequences
}

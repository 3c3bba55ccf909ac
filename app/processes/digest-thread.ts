/** Entry of the thread on which `ingest` reads large requests. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { REST_TRANSLATIONS } from '../../collectors/rest/translate.ts'
import { serveDigests } from '../../core/otlp-digest-lane.ts'

if (parentPort === null) throw new Error('This file is started as a thread of `ingest`.')
// Of this thread alone, on Linux: it must not take the processor from the one that answers.
if (process.platform === 'linux') setPriority(10)
serveDigests(parentPort, REST_TRANSLATIONS)

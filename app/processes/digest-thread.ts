/** Entry of the thread on which `ingest` reads large requests. */
import { parentPort } from 'node:worker_threads'
import { REST_TRANSLATIONS } from '../../collectors/rest/translate.ts'
import { serveDigests } from '../../core/otlp-digest-lane.ts'

if (parentPort === null) throw new Error('This file is started as a thread of `ingest`.')
serveDigests(parentPort, REST_TRANSLATIONS)

import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isLoopback } from './listen.ts'

const PREFLIGHT_SECONDS = 600

const origin = z
  .string()
  .refine((text) => text !== '*', 'Not every web page: list the exact origins of yours, e.g. https://app.example.com.')
  .refine(
    (text) => text === '*' || (/^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text),
    'Must be an exact origin: scheme, host and, where it is not the usual one, port; e.g. https://app.example.com.',
  )

/** Which web pages may send from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export const corsConfig = z.strictObject({
  origins: z
    .array(origin)
    .max(1000)
    .default([])
    .describe(
      'Web pages that may send, by their exact origin (https://app.example.com); browsers keep all others out.',
    ),
})

export type CorsConfig = z.infer<typeof corsConfig>

/** Answers preflights of listed pages without a key, which browsers do not send with them. */
export function allowOrigins(app: FastifyInstance, { origins }: CorsConfig): void {
  if (origins.length === 0) return
  const listed = new Set(origins)
  app.register(cors, {
    origin: (from, done) => done(null, from !== undefined && listed.has(from) ? from : false),
    methods: ['GET', 'POST'],
    exposedHeaders: ['retry-after', 'x-correlation-id'],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  })
}

/**
 * Whether a page may send to a collector that asks for no key: one that is listed, or is served by this machine. A page of
 * another site can make a browser on this machine send to loopback; it cannot hide where it comes from.
 */
export function maySendWithoutKey(from: string | undefined, { origins }: CorsConfig): boolean {
  if (from === undefined || origins.includes(from)) return true
  return URL.canParse(from) && isLoopback(new URL(from).hostname)
}

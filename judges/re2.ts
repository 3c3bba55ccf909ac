import { RE2JS } from 're2js'

/** For patterns of our own on customer text: linear time, never a backtracking engine. */
export const re2 = (source: string): RE2JS => RE2JS.compile(source)

import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it('shows what a terminal would obey', () => {
  expect(printable('\u001b]52;c;cm0=\u0007a\u009b2Jb\r\nc\u202ed\u007f')).toBe(
    '\\u001b]52;c;cm0=\\u0007a\\u009b2Jb\\u000d\\u000ac\\u202ed\\u007f',
  )
})

it('leaves letters of all languages, and what is to stay', () => {
  expect(printable('│ Ünïcode 👋 العربية\t1\n', '\t\n')).toBe('│ Ünïcode 👋 العربية\t1\n')
})

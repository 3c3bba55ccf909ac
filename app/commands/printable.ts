/** What a terminal obeys instead of showing it: control characters, and those that turn the direction of writing. */
const OBEYED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/**
 * Text that a sender wrote, for people at a terminal: what the terminal would obey (clear the screen, set its title, write
 * to the clipboard, forge a line) is shown as JSON shows it. `kept`: characters that stay.
 */
export function printable(text: string, kept = ''): string {
  return text.replace(OBEYED, (character) =>
    kept.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Of a longer text only the beginning is copied. UTF-16 code units. */
export const MAX_UNITS = 256 * 1024

const BYTES_PER_UNIT = 2
/** Constants, so that the engine need not ask at every unit which array it reads. */
const UNITS = new Uint16Array(MAX_UNITS + 1)
const BYTES = Buffer.from(UNITS.buffer)

/**
 * The UTF-16 code units of a text (up to MAX_UNITS), a 0 behind them, and then those of earlier texts. One array for all: what
 * it holds is good until the next call, so a reader must not call others that ask for another text. Asking a string for its
 * units one by one costs four times as much as copying it and reading the copy.
 */
export function unitsOf(text: string): Uint16Array {
  const length = Math.min(text.length, MAX_UNITS)
  // Machines that Node runs on are little-endian, as this encoding is.
  BYTES.write(text, 0, length * BYTES_PER_UNIT, 'utf16le')
  UNITS[length] = 0
  return UNITS
}

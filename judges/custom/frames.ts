/** Messages on a pipe: four bytes of length (little endian), then so many bytes. */
const HEADER_BYTES = 4

export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  frame.writeUInt32LE(body.length, 0)
  frame.set(body, HEADER_BYTES)
  return frame
}

/** Puts pieces of a stream together. Throws RangeError where a message is announced that is longer than `max_bytes`. */
export function createFrameReader(max_bytes: number, onFrame: (body: Buffer) => void): (piece: Buffer) => void {
  let held: Buffer[] = []
  let bytes = 0
  return (piece) => {
    held.push(piece)
    bytes += piece.length
    while (bytes >= HEADER_BYTES) {
      const start = held[0]!.length >= HEADER_BYTES ? held[0]! : Buffer.concat(held)
      const length = start.readUInt32LE(0)
      if (length > max_bytes) throw new RangeError(`A message of ${length} bytes is longer than ${max_bytes}.`)
      if (bytes < HEADER_BYTES + length) return
      const whole = Buffer.concat(held)
      const rest = whole.subarray(HEADER_BYTES + length)
      held = rest.length > 0 ? [rest] : []
      bytes = rest.length
      onFrame(whole.subarray(HEADER_BYTES, HEADER_BYTES + length))
    }
  }
}

/** The next message of a blocking descriptor; null at its end. */
export function readFrame(read: (into: Buffer) => number): Buffer | null {
  const header = readWhole(read, HEADER_BYTES)
  return header && readWhole(read, header.readUInt32LE(0))
}

function readWhole(read: (into: Buffer) => number, length: number): Buffer | null {
  const buffer = Buffer.allocUnsafe(length)
  for (let have = 0; have < length; ) {
    const count = read(buffer.subarray(have))
    if (count === 0) return null
    have += count
  }
  return buffer
}

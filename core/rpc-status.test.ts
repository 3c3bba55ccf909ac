import { describe, expect, it } from 'vitest'
import type { ErrorCode } from './errors.ts'
import { encodeFailure } from './rpc-status.ts'

const text = (value: string) => Buffer.concat([Buffer.of(value.length), Buffer.from(value)])

describe('encodeFailure', () => {
  it('writes RetryInfo as google/rpc/error_details.proto has it', () => {
    const any = Buffer.concat([
      Buffer.of(0x0a),
      text('type.googleapis.com/google.rpc.RetryInfo'),
      Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x08, 0x01]),
    ])
    const status = [Buffer.of(0x08, 8, 0x12), text('full'), Buffer.of(0x1a, any.length), any]
    expect(encodeFailure({ code: 'TOO_MANY_REQUESTS', message: 'full' }, 'protobuf')).toEqual(Buffer.concat(status))
    expect(JSON.parse(encodeFailure({ code: 'TOO_MANY_REQUESTS', message: 'full' }, 'json').toString())).toEqual({
      code: 8,
      message: 'full',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }],
    })
  })

  it('writes BadRequest for bad data', () => {
    const any = Buffer.concat([
      Buffer.of(0x0a),
      text('type.googleapis.com/google.rpc.BadRequest'),
      Buffer.from([0x12, 7, 0x0a, 5, 0x12, 3]),
      Buffer.from('bad'),
    ])
    const status = [Buffer.of(0x08, 3, 0x12), text('bad'), Buffer.of(0x1a, any.length), any]
    expect(encodeFailure({ code: 'INVALID_OTLP', message: 'bad' }, 'protobuf')).toEqual(Buffer.concat(status))
  })

  it.each<ErrorCode>(['REQUEST_TOO_LARGE', 'UNAUTHENTICATED'])(
    'gives no details for %s: the client is not to try again',
    (code) => {
      expect(JSON.parse(encodeFailure({ code, message: 'no' }, 'json').toString())).not.toHaveProperty('details')
      expect(encodeFailure({ code, message: 'no' }, 'protobuf')).toHaveLength(6)
    },
  )
})

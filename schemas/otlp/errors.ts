/** The body is not OTLP. `path` says where: `byte 120` in protobuf, `resourceSpans[0].scopeSpans` in JSON. */
export class OtlpSyntaxError extends Error {
  override readonly name = 'OtlpSyntaxError'
  readonly path: string

  constructor(path: string, problem: string) {
    super(`Not OTLP at ${path}: ${problem}`)
    this.path = path
  }
}

/** The body is OTLP, but holds more than one request may. */
export class OtlpLimitError extends Error {
  override readonly name = 'OtlpLimitError'
}

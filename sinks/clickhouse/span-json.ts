import type { Message, RequestParameters } from '../../schemas/llm-span.ts'

/** `,"name":"value"`, or nothing where there is no value. JSON.stringify escapes lone surrogates, which ClickHouse refuses. */
function member(name: string, value: string): string {
  return value === '' ? '' : `,"${name}":${JSON.stringify(value)}`
}

/** Messages as JSON text with absent members left out; '' for none. Three times as fast as a replacer function. */
export function messagesJson(messages: readonly Message[]): string {
  if (messages.length === 0) return ''
  let json = '['
  for (const { role, name, parts, finish_reason } of messages) {
    json += `${json === '[' ? '' : ','}{"role":${JSON.stringify(role)}${member('name', name)},"parts":[`
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!
      json += `${index > 0 ? ',' : ''}{"type":"${part.type}"${member('content', part.content)}${member('id', part.id)}`
      json += `${member('name', part.name)}${member('mime_type', part.mime_type)}${member('uri', part.uri)}}`
    }
    json += `]${member('finish_reason', finish_reason)}}`
  }
  return `${json}]`
}

export function parametersJson(parameters: RequestParameters): string {
  let json = ''
  for (const name in parameters) {
    const value = parameters[name as keyof RequestParameters]
    if (value === null || value === '' || (typeof value === 'object' && value.length === 0)) continue
    json += `${json === '' ? '{' : ','}"${name}":${JSON.stringify(value)}`
  }
  return json === '' ? '' : `${json}}`
}

import type { StartedPipeline } from '../../app/bench/started-pipeline.ts'
import type { Clock } from '../../core/clock.ts'
import { createGrpcSender } from './grpc-sender.ts'
import type { Answer, DoorName, HostileRequest } from './hostile-request.ts'
import { createHttpSender, sendRaw } from './http-sender.ts'

export interface Senders {
  /** Never rejects. */
  send(door: DoorName, request: HostileRequest): Promise<Answer>
  close(): void
}

const DEADLINE_MS = 60_000

/** Requests of a door that are on their way at once. */
export const AT_ONCE: Readonly<Record<DoorName, number>> = {
  'otlp-http': 64,
  'otlp-grpc': 48,
  rest: 16,
  clickhouse: 8,
  admin: 8,
}

/** The clients of all doors of an instance. */
export function createSenders(pipeline: StartedPipeline, clock: Clock): Senders {
  const ports: Readonly<Record<DoorName, number>> = {
    'otlp-http': portOf(pipeline.otlp_http),
    'otlp-grpc': portOf(`http://${pipeline.otlp_grpc}`),
    rest: portOf(pipeline.otlp_http),
    clickhouse: portOf(pipeline.clickhouse),
    admin: portOf(pipeline.admin),
  }
  const http = (door: DoorName, depth: number) =>
    createHttpSender({ port: ports[door], connections: AT_ONCE[door] / depth, depth, deadline_ms: DEADLINE_MS, clock })
  const lanes = {
    'otlp-http': http('otlp-http', 4),
    rest: http('rest', 4),
    clickhouse: http('clickhouse', 1),
    admin: http('admin', 1),
  }
  const grpc = createGrpcSender({ port: ports['otlp-grpc'], sessions: 4, deadline_ms: DEADLINE_MS, clock })

  return {
    send(door, request) {
      if (request.kind === 'raw') return sendRaw(request, ports[door], clock)
      if (request.kind === 'grpc') return grpc.send(request)
      if (door === 'otlp-grpc') throw new Error('There is no HTTP/1.1 on the port of gRPC.')
      return lanes[door].send(request)
    },
    close() {
      for (const lane of Object.values(lanes)) lane.close()
      grpc.close()
    },
  }
}

const portOf = (url: string) => Number(new URL(url).port)

import { createAdminDoor } from './doors-admin.ts'
import { createClickhouseDoor } from './doors-clickhouse.ts'
import { createOtlpGrpcDoor } from './doors-otlp-grpc.ts'
import { createOtlpHttpDoor } from './doors-otlp-http.ts'
import { createRestDoor } from './doors-rest.ts'
import type { Door, RunContext } from './hostile-request.ts'

/** Every way into an instance. A new one is a line here. */
export function createDoors(context: RunContext): readonly Door[] {
  return [
    createOtlpHttpDoor(context),
    createOtlpGrpcDoor(context),
    createRestDoor(context),
    createClickhouseDoor(context),
    createAdminDoor(),
  ]
}

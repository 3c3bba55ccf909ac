import { openStoreHost } from '../../adapters/store/chdb/host.ts'
import { type HttpDoor, openHttpDoor } from '../../adapters/store/chdb/http-door.ts'
import { systemClock } from '../../core/clock.ts'
import { watchTls } from '../../core/tls-reload.ts'
import { spoolDirectory, storeDirectory } from '../paths.ts'
import type { ProcessContext, RunningProcess } from './role.ts'

/** The embedded ClickHouse, for its siblings over the supervisor's pipe and for everyone else over HTTP, reading only. */
export async function startStore({ config, log, metrics, mux }: ProcessContext): Promise<RunningProcess> {
  const clock = systemClock
  const { readers, http } = config.store
  const spool_directory = spoolDirectory(config)
  const host = await openStoreHost({
    path: storeDirectory(config),
    spool_directory,
    reader_count: readers,
    threadpool_size: Number(process.env.UV_THREADPOOL_SIZE ?? 4),
    clock,
    log,
    onStuck(error) {
      log.fatal({ err: error }, 'the store starts afresh to get rid of a query; it goes on where it was')
      // An ordinary exit waits for the engine's threads, and with them for the query.
      process.kill(process.pid, 'SIGKILL')
    },
  })
  host.serve(mux.open('store'))
  let door: HttpDoor | undefined
  const reload =
    http.tls &&
    watchTls({
      config: http.tls,
      path: 'store.http.tls',
      onChange: (material) => door?.replaceCertificate(material),
      deps: { clock, log, metrics },
    })
  const opened = await openHttpDoor({
    host,
    address: http.host,
    port: http.port,
    keys: { query_key_sha256: http.reader_key_sha256 ?? null, writer_key_sha256: http.writer_key_sha256 ?? null },
    spool_directory,
    tls: reload?.current(),
    clock,
    log,
  })
  door = opened
  // Files may have changed while it was opened.
  if (reload) opened.replaceCertificate(reload.current())
  return {
    info: { clickhouse: { address: http.host, port: opened.port, tls: reload !== undefined } },
    async health() {
      const health = await host.health()
      return health.healthy ? { ...health, reason: reload?.problem() ?? '' } : health
    },
    async drain() {
      reload?.stop()
      await opened.close()
      await host.close()
    },
  }
}

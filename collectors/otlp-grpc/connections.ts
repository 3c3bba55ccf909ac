import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export interface ConnectionsOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Open at once; one more is closed as soon as it is there. */
  readonly max_connections: number
  readonly onConnection: (socket: Socket) => void
}

export interface Connections {
  readonly port: number
  /** Takes no more; resolves when those that are open have ended. Safe to repeat. */
  close(): Promise<void>
  /** Ends those that are open, whatever they do. */
  cut(): void
}

/**
 * TCP connections, counted: grpc-js bounds the calls of a connection, and not the connections. Listens on every address of
 * `host` that this machine has. Rejects with what `net` says where it cannot.
 */
export async function openConnections(options: ConnectionsOptions): Promise<Connections> {
  const { host, max_connections, onConnection } = options
  const sockets = new Set<Socket>()
  const servers: Server[] = []

  function take(socket: Socket): void {
    if (sockets.size >= max_connections) return void socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => {})
    onConnection(socket)
  }

  async function listen(address: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true }, take).listen({ host: address, port })
    await once(server, 'listening')
    servers.push(server)
    return (server.address() as AddressInfo).port
  }

  const [first, ...others] = await addressesOf(host)
  const port = await listen(first, options.port)
  for (const address of others) {
    try {
      await listen(address, port)
    } catch (error) {
      // A name may stand for an address that this machine does not have.
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') continue
      for (const server of servers) server.close()
      throw error
    }
  }
  return {
    port,
    async close() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function addressesOf(host: string): Promise<readonly [string, ...string[]]> {
  const plain = host.replace(/^\[(.*)\]$/, '$1')
  const found = await lookup(plain, { all: true })
  const [first = plain, ...others] = new Set(found.map(({ address }) => address))
  return [first, ...others]
}

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Backends {
  /** Ports of those that answer REST. */
  readonly api: readonly number[];
  /** Ports of those that serve sockets. */
  readonly realtime: readonly number[];
}

export interface RoundRobin extends AsyncDisposable {
  readonly origin: string;
}

const connected = async (port: number): Promise<Socket | undefined> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
};

/** A proxy that gives each connection to the next process that takes it; what a process breaks off, it breaks off too. */
export const startRoundRobin = async ({ api, realtime }: Backends): Promise<RoundRobin> => {
  const open = new Set<Socket>();
  let turn = 0;
  const pass = async (client: Socket, first: Buffer): Promise<void> => {
    const ports = first.toString('latin1').startsWith('GET /v1/realtime') ? realtime : api;
    turn += 1;
    for (let i = 0; i < ports.length; i += 1) {
      const backend = await connected(ports[(turn + i) % ports.length]!);
      if (backend === undefined) continue;
      backend.write(first);
      client.pipe(backend).pipe(client);
      client.once('close', () => backend.destroy());
      backend.once('close', () => client.destroy());
      return;
    }
    client.destroy();
  };
  const server = createServer((client) => {
    open.add(client);
    client.setNoDelay(true);
    client.on('error', () => client.destroy());
    client.once('close', () => open.delete(client));
    client.once('data', (first: Buffer) => {
      client.pause();
      void pass(client, first);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
};

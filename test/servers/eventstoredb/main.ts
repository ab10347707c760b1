import { parseArgs } from 'node:util';
import { Server } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2113' },
    data: { type: 'string', default: './esdb-data' },
    host: { type: 'string', default: '127.0.0.1' },
    'max-append-size': { type: 'string', default: '1048576' },
    'grace-ms': { type: 'string', default: '500' },
    'end-with-stdin': { type: 'boolean', default: false },
  },
});

const server = await Server.start({
  host: values.host,
  port: Number(values.port),
  folder: values.data,
  maxAppendSize: Number(values['max-append-size']),
  graceMs: Number(values['grace-ms']),
});
console.log(server.url);

// Nothing is left behind when the process that started it dies.
if (values['end-with-stdin']) process.stdin.resume().once('close', () => process.exit(1));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server[Symbol.asyncDispose]().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

import { cpus } from 'node:os';
import { benchCompression } from './compression.ts';
import { benchFanout } from './fanout/main.ts';
import { benchGroupSize } from './group-size.ts';
import { benchPresence } from './presence.ts';
import { benchRelays } from './relays.ts';
import { benchSearchQuality } from './search-quality.ts';
import { benchOpenSearch } from './search-opensearch.ts';
import { benchSearch } from './search.ts';
import { benchSends } from './sends.ts';
import { benchTwoProcesses } from './two-processes.ts';
import { benchUnread } from './unread.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 15);

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
await benchSends(seconds);
await benchGroupSize();
await benchFanout(Number(process.env['BENCH_SOCKETS'] ?? (seconds < 15 ? 500 : 5_000)));
await benchPresence();
await benchCompression();
await benchUnread();
await benchTwoProcesses();
await benchRelays();
const messages = Number(process.env['BENCH_MESSAGES'] ?? 20_000);
await benchSearch(messages);
await benchSearchQuality();
await benchOpenSearch(messages);

import path from 'node:path';
import { chmodSync } from 'node:fs';
import { install } from '../cache.ts';
import { folderOf, versions } from '../programs.ts';
import { run } from '../run.ts';

/** A proxy that cuts and delays connections. */
export const installToxiproxy = (): Promise<void> =>
  install(folderOf('toxiproxy'), async (folder) => {
    const bin = path.join(folder, 'bin');
    await run('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@${versions.toxiproxy.version}`], {
      GOBIN: bin,
    });
    chmodSync(path.join(bin, 'server'), 0o755);
  });

import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openParley } from '../app/parley.ts';
import { mustHaveServers, skippedFile } from '../servers/skipped.ts';
import { browse, chromium } from './browser/chromium.ts';
import { openSite } from './browser/site.ts';

const isMissing = chromium === undefined && !mustHaveServers();
const file = skippedFile();
if (isMissing && file !== undefined) appendFileSync(file, 'the client in a browser: no Chromium is installed\n');

describe.skipIf(isMissing)('the client in a browser', () => {
  it('keeps session, outbox, files and conversations in IndexedDB over a reload, and shares them with no other page', async () => {
    await using server = await openParley();
    await using site = await openSite(new URL(server.parley.url));
    if (chromium === undefined) throw new Error('No Chromium is installed');
    await using _browser = await browse(chromium, site.url);
    expect(await site.told).toEqual({
      isSameUser: true,
      restored: [
        ['before', 'done'],
        ['while offline', 'waiting'],
      ],
      done: [
        ['before', 'done'],
        ['while offline', 'done'],
      ],
      uploaded: ['a cat'],
      mustWait: true,
      loser: 'StorageTaken',
    });
  });
});

import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess, temporaryFolder } from '../../app/demo/server-process.ts';
import { openParley } from '../app/parley.ts';
import { mustHaveServers, skippedFile } from '../servers/skipped.ts';
import { chromium, startBrowser, type Browser } from './browser/chromium.ts';
import { openSite, type Site } from './browser/site.ts';

const isMissing = chromium === undefined && !mustHaveServers();
const file = skippedFile();
if (isMissing && file !== undefined) appendFileSync(file, 'the client in a browser: no Chromium is installed\n');

describe.skipIf(isMissing)('the client, built and in a browser, on another origin than the server', () => {
  const opened = new AsyncDisposableStack();
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    if (chromium === undefined) throw new Error('No Chromium is installed');
    site = opened.use(await openSite());
    browser = opened.use(await startBrowser(chromium));
  });
  afterAll(() => opened.disposeAsync());

  it('keeps what could not be sent over a reload, and sends each message once and in order when the server is back', async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start(folder.folder, { CORS_ORIGINS: site.origin });
    const close = await browser.open(site.page('reload', 'first', server.origin));
    await site.told('sent');
    await server.kill();
    site.allow('to go on alone');
    expect(await site.told('restored')).toEqual([
      ['before', 'done'],
      ['1', 'waiting'],
      ['2', 'waiting'],
      ['3', 'waiting'],
    ]);
    await server.start();
    const done = ['before', '1', '2', '3'].map((text) => [text, 'done']);
    expect(await site.told('done')).toEqual({
      own: done,
      other: done,
      server: ['before', '1', '2', '3'],
      uploaded: ['a cat'],
    });
    await close();
  }, 60_000);

  it('P01 lets one tab at a time have an account: others wait, or take it, and nothing is lost or sent twice', async () => {
    await using server = await openParley({ CORS_ORIGINS: site.origin });
    const open = (part: string) => browser.open(site.page('tabs', part, server.parley.url));
    const closeOne = await open('one');
    expect(await site.told('one')).toBe('has stored');
    const closeTwo = await open('two');
    expect(await site.told('two')).toBe('waits');
    await closeOne();
    expect(await site.told('two')).toBe('has sent');
    const closeThree = await open('three');
    expect(await site.told('two')).toEqual({ refused: 'StorageTaken', again: 'StorageTaken' });
    expect(await site.told('three')).toEqual({
      state: 'live',
      closeCode: null,
      texts: ['one 1', 'one 2', 'one 3', ...[1, 2, 3, 4, 5].map((number) => `two ${number}`), 'three 1', 'three 2'],
    });
    site.allow('to tell its end');
    expect(await site.told('two')).toEqual({ state: 'idle', closeCode: null });
    for (const close of [closeTwo, closeThree]) await close();
  }, 60_000);

  it('P03 lets who opens a storage take it where there are no Web Locks', async () => {
    const close = await browser.open(site.page('tabs', 'lockless', site.origin));
    expect(await site.told('lockless')).toEqual({ refused: 'StorageTaken', isTaken: [true, false], kept: 'first' });
    await close();
  });
});

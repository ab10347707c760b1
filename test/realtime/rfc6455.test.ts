import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closing } from './rfc6455/closing.ts';
import { fragmentation, pings } from './rfc6455/control.ts';
import { framing, opcodes, reservedBits } from './rfc6455/framing.ts';
import { compression, limits } from './rfc6455/limits.ts';
import { opening } from './rfc6455/opening.ts';
import { tableOf } from './rfc6455/table.ts';
import { utf8 } from './rfc6455/utf8.ts';
import { startNode, type TestNode } from './support/node.ts';

const categories = [opening, framing, pings, reservedBits, opcodes, fragmentation, utf8, closing, limits, compression];

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ settings: { closeMs: 500 } });
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

describe.each(categories)('$title', ({ cases }) => {
  it.each(cases)('$section: $given → $does', async ({ run }) => {
    await run({ node, ada: await node.signIn() });
  });
});

it('leaves no error in the log, and no socket behind', async () => {
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([]);
  await expect.poll(() => node.gateway.metrics.socketsOpen).toBe(0);
});

it('is what docs/websocket-conformance.md says', () => {
  const file = path.join(import.meta.dirname, '../../docs/websocket-conformance.md');
  const document = readFileSync(file, 'utf8');
  expect(document.slice(document.indexOf(`## ${opening.title}`)).trim()).toBe(tableOf(categories));
});

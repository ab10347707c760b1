import { expect } from 'vitest';
import { frameOf, Wire, type UpgradeHeaders } from '../support/wire.ts';
import { beat, expectAnswer, type Case, type Category, type Place } from './case.ts';

const refuses = (
  section: string,
  given: string,
  does: string,
  status: number,
  headers: UpgradeHeaders,
  { line, by = 'must' }: { readonly line?: string; readonly by?: Case['by'] } = {},
): Case => ({
  section,
  given,
  does,
  by,
  async run({ node }: Place) {
    using wire = await Wire.request(node, headers, line);
    const head = await wire.head();
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('connection: close');
    await wire.ended;
  },
});

export const opening: Category = {
  title: 'Opening handshake',
  cases: [
    {
      section: '4.2.2',
      given: 'a handshake with the key of the RFC’s example',
      does: '101 with the accept value of the example, the subprotocol, and no extension',
      by: 'must',
      async run({ node }) {
        using wire = await Wire.open(node);
        const head = (await wire.head()).toLowerCase();
        expect(head).toContain('upgrade: websocket');
        expect(head).toContain('connection: upgrade');
        expect(await wire.head()).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
        expect(head).toContain('sec-websocket-protocol: parley.v1');
        expect(head).not.toContain('sec-websocket-extensions');
      },
    },
    {
      section: '4.2.1',
      given: 'frames in one piece with the handshake',
      does: 'they are read',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.request(node);
        wire.send(frameOf(JSON.stringify({ id: 0, type: 'hello', token: ada.token })), beat(1));
        expect(await wire.json()).toMatchObject({ type: 'ready' });
        await expectAnswer(wire, 1);
      },
    },
    {
      section: '4.2.2',
      given: 'several subprotocols, ours among them',
      does: 'ours is chosen',
      by: 'must',
      async run({ node }) {
        using wire = await Wire.open(node, { 'sec-websocket-protocol': 'chat, parley.v1 , soap' });
        expect(await wire.head()).toMatch(/Sec-WebSocket-Protocol: parley\.v1\r?$/m);
      },
    },
    {
      section: '10.2',
      given: 'any `Origin`',
      does: 'accepted: nobody gets in by a cookie, everybody by a token in the first frame',
      by: 'may',
      async run({ node }) {
        using wire = await Wire.open(node, { origin: 'https://elsewhere.example' });
        expect(await wire.head()).toMatch(/^HTTP\/1\.1 101 /);
      },
    },
    refuses(
      '4.1',
      'no subprotocol',
      '400 with a problem',
      400,
      { 'sec-websocket-protocol': undefined },
      { by: 'ours' },
    ),
    refuses(
      '4.1',
      'other subprotocols only',
      '400 with a problem',
      400,
      { 'sec-websocket-protocol': 'parley.v0' },
      { by: 'ours' },
    ),
    refuses('4.2.1', 'no key', '400', 400, { 'sec-websocket-key': undefined }),
    refuses('4.2.1', 'a key that is not 16 bytes in base64', '400', 400, { 'sec-websocket-key': 'c2hvcnQ=' }),
    refuses('4.4', 'version 12', '400 that names the versions there are', 400, { 'sec-websocket-version': '12' }),
    refuses('4.2.1', 'another method than GET', '405', 405, {}, { line: 'POST /v1/realtime HTTP/1.1' }),
    refuses('4.2.2', 'another path', '404 with a problem', 404, {}, { line: 'GET /v1/other HTTP/1.1' }),
    refuses(
      '4.2.2',
      'a query',
      '400 with a problem',
      400,
      {},
      { line: 'GET /v1/realtime?token=a HTTP/1.1', by: 'ours' },
    ),
    {
      section: '4.4',
      given: 'version 8, that of the drafts',
      does: 'accepted as 13',
      by: 'may',
      async run({ node }) {
        using _ = await Wire.open(node, { 'sec-websocket-version': '8' });
      },
    },
  ],
};

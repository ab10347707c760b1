import { expect } from 'vitest';
import { closeOf, frameOf, opcode, Wire } from '../support/wire.ts';
import { beat, expectAnswer, expectFailure, fragments, heartbeat, type Category } from './case.ts';

export const limits: Category = {
  title: 'Limits and performance',
  cases: [
    {
      section: '10.4',
      given: 'a message of more than 65,536 bytes, in one frame or in several',
      does: 'read and closed with 4413, up to 131,072 bytes',
      by: 'ours',
      async run(place) {
        await expectFailure(place, 4413, beat(1, 65_537));
        await expectFailure(place, 4413, ...fragments(heartbeat(1, 131_072), [60_000, 120_000]));
      },
    },
    {
      section: '10.4',
      given: 'a message of more than 131,072 bytes, in one frame or in several',
      does: 'closed with 1009 as soon as a header says so',
      by: 'may',
      async run(place) {
        await expectFailure(place, 1009, frameOf('', { length: 131_073 }));
        const [first, second] = fragments(heartbeat(1, 131_073), [131_072]) as [Buffer, Buffer];
        await expectFailure(place, 1009, first, second.subarray(0, 2));
      },
    },
    {
      section: '10.4',
      given: 'a message in more than 1,024 fragments',
      does: 'closed with 1008',
      by: 'ours',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const middle = frameOf('', { fin: false, opcode: opcode.continuation });
        wire.send(frameOf(heartbeat(1), { fin: false }), ...Array.from({ length: 1_022 }, () => middle));
        wire.send(frameOf('', { opcode: opcode.continuation }));
        await expectAnswer(wire, 1);
        wire.send(frameOf('', { fin: false }), ...Array.from({ length: 1_024 }, () => middle));
        expect(await wire.close()).toMatchObject({ code: 1008 });
      },
    },
    {
      section: '10.4',
      given: 'a frame that comes in more than 1,024 pieces',
      does: 'closed with 1008',
      by: 'ours',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const bytes = beat(1, 60_000);
        for (let at = 0; at < bytes.length && wire.frames.length === 0; at += 1) {
          wire.socket.write(bytes.subarray(at, at + 1));
          // So that each is a piece of its own.
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await wire.close()).toMatchObject({ code: 1008 });
      },
    },
    {
      section: '10.4',
      given: '2,000 requests without waiting',
      does: 'all answered, in order: no more are read than are worked on',
      by: 'ours',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(...Array.from({ length: 2_000 }, (_, n) => beat(n)));
        for (let n = 0; n < 2_000; n += 1) await expectAnswer(wire, n);
      },
    },
    {
      section: '10.4',
      given: '100 requests of 65,536 bytes without waiting',
      does: 'all answered',
      by: 'ours',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        for (let n = 0; n < 100; n += 1) wire.send(beat(n, 65_536));
        for (let n = 0; n < 100; n += 1) await expectAnswer(wire, n);
        wire.send(closeOf(1000));
        await wire.ended;
      },
    },
  ],
};

const offers = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10',
  'permessage-deflate; server_max_window_bits=99, permessage-deflate',
  'x-webkit-deflate-frame, permessage-bzip2; level=9',
];

export const compression: Category = {
  title: 'Compression (RFC 7692)',
  cases: [
    {
      section: 'RFC 7692, 5.1',
      given: 'offers of permessage-deflate with any parameters, and of other extensions',
      does: 'none is taken: the handshake succeeds without an extension',
      by: 'may',
      async run({ node }) {
        for (const offer of offers) {
          using wire = await Wire.open(node, { 'sec-websocket-extensions': offer });
          expect((await wire.head()).toLowerCase()).not.toContain('sec-websocket-extensions');
        }
      },
    },
    {
      section: 'RFC 7692, 7.2.3',
      given: 'a compressed message, although no extension was agreed',
      does: 'closed with 1002',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada, { 'sec-websocket-extensions': 'permessage-deflate' });
        // “Hello”, as in the RFC.
        wire.send(frameOf(Buffer.from('f248cdc9c90700', 'hex'), { rsv: 4 }));
        expect(await wire.close()).toMatchObject({ code: 1002 });
      },
    },
    {
      section: 'RFC 7692, 6.1',
      given: 'an offer that was not taken',
      does: 'what the server sends is not compressed',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada, { 'sec-websocket-extensions': offers[0] });
        wire.send(beat('a'.repeat(60)));
        const { rsv, payload } = await wire.next();
        expect([rsv, JSON.parse(payload.toString())]).toMatchObject([0, { type: 'reply' }]);
      },
    },
  ],
};

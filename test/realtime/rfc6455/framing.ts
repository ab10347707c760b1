import { expect } from 'vitest';
import { frameOf, opcode, Wire } from '../support/wire.ts';
import { beat, expectAnswer, expectAnswered, expectFailure, heartbeat, type Case, type Category } from './case.ts';

const text = { opcode: opcode.text } as const;

const ofLength = (bytes: number): Case => ({
  section: '5.2',
  given: `a text of ${bytes} bytes`,
  does: 'read whole',
  by: 'must',
  run: (place) => expectAnswered(place, bytes, beat(bytes, bytes)),
});

export const framing: Category = {
  title: 'Framing',
  cases: [
    ...[125, 126, 127, 128, 65_535, 65_536].map(ofLength),
    {
      section: '5.2',
      given: 'an empty text',
      does: 'closed with 4400: it is no JSON',
      by: 'ours',
      run: (place) => expectFailure(place, 4400, frameOf('')),
    },
    {
      section: '5.6',
      given: 'a binary message',
      does: 'closed with 4400',
      by: 'ours',
      run: (place) => expectFailure(place, 4400, frameOf(heartbeat(1), { opcode: opcode.binary })),
    },
    {
      section: '5.2',
      given: 'a length in more bytes than it needs',
      does: 'read nevertheless: what a client must not send does no harm here',
      by: 'may',
      async run(place) {
        await expectAnswered(place, 1, frameOf(heartbeat(1), { lengthBits: 16 }));
        await expectAnswered(place, 2, frameOf(heartbeat(2), { lengthBits: 64 }));
      },
    },
    {
      section: '5.2',
      given: 'a 64-bit length whose highest bit is set',
      does: 'closed with 1009, without waiting for the payload',
      by: 'must',
      run: (place) => expectFailure(place, 1009, frameOf('', { length: 2n ** 63n })),
    },
    {
      section: '5.1',
      given: 'a frame without a mask',
      does: 'closed with 1002',
      by: 'must',
      async run(place) {
        await expectFailure(place, 1002, frameOf(heartbeat(1), { mask: null }));
        await expectFailure(place, 1002, frameOf('', { opcode: opcode.ping, mask: null }));
      },
    },
    {
      section: '5.3',
      given: 'a mask of zeros, and one of ones',
      does: 'read',
      by: 'must',
      async run(place) {
        await expectAnswered(place, 1, frameOf(heartbeat(1), { mask: Buffer.alloc(4) }));
        await expectAnswered(place, 2, frameOf(heartbeat(2), { mask: Buffer.alloc(4, 255) }));
      },
    },
    {
      section: '5.1',
      given: 'anything that the server sends',
      does: 'no mask, no reserved bit, one text frame a message, the shortest length',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.open(node);
        const raw: Buffer[] = [];
        wire.socket.on('data', (data: Buffer) => raw.push(data));
        wire.send(frameOf(JSON.stringify({ id: 0, type: 'hello', token: ada.token })));
        const { payload, ...head } = await wire.next();
        expect(head).toEqual({ fin: true, rsv: 0, opcode: opcode.text, masked: false });
        expect(Buffer.concat(raw)).toHaveLength(payload.length + (payload.length < 126 ? 2 : 4));
      },
    },
    {
      section: '5.2',
      given: 'frames in single bytes',
      does: 'read',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        await wire.drip(Buffer.concat([beat(1), frameOf('p', { opcode: opcode.ping }), beat(2, 130)]));
        const read = [await wire.next(), await wire.next(), await wire.next()].map((frame) => frame.opcode);
        expect(read.toSorted((a, b) => a - b)).toEqual([opcode.text, opcode.text, opcode.pong]);
      },
    },
    {
      section: '5.2',
      given: 'several frames in one piece',
      does: 'each answered, in order',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(...Array.from({ length: 20 }, (_, n) => beat(n)));
        for (let n = 0; n < 20; n += 1) await expectAnswer(wire, n);
      },
    },
  ],
};

const reserved = (rsv: number, name: string): Case => ({
  section: '5.2',
  given: `${name} on a text, a ping, a close, or the rest of a text`,
  does: 'closed with 1002',
  by: 'must',
  async run(place) {
    for (const code of [opcode.text, opcode.ping, opcode.close]) {
      await expectFailure(place, 1002, frameOf(code === opcode.text ? heartbeat(1) : '', { rsv, opcode: code }));
    }
    const begun = frameOf(heartbeat(1), { ...text, fin: false });
    await expectFailure(place, 1002, begun, frameOf('', { rsv, opcode: opcode.continuation }));
  },
});

export const reservedBits: Category = {
  title: 'Reserved bits',
  cases: [reserved(4, 'RSV1'), reserved(2, 'RSV2'), reserved(1, 'RSV3'), reserved(7, 'all three')],
};

const unknown = (codes: readonly number[], kind: string): Case => ({
  section: '5.2',
  given: `an opcode that stands for no ${kind} (${codes.join(', ')}), with and without a payload`,
  does: 'what came before is answered, then closed with 1002',
  by: 'must',
  async run({ node, ada }) {
    for (const code of codes) {
      using wire = await Wire.ready(node, ada);
      wire.send(beat('before'));
      await expectAnswer(wire, 'before');
      wire.send(frameOf(code % 2 === 0 ? '' : 'payload', { opcode: code }), beat('after'));
      expect(await wire.close()).toMatchObject({ code: 1002 });
    }
  },
});

export const opcodes: Category = {
  title: 'Opcodes',
  cases: [unknown([3, 4, 5, 6, 7], 'data'), unknown([11, 12, 13, 14, 15], 'control')],
};

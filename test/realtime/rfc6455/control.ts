import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { frameOf, opcode, Wire } from '../support/wire.ts';
import { beat, expectAnswer, expectFailure, expectPong, fragments, heartbeat, type Category } from './case.ts';

const ping = (payload: Buffer | string = ''): Buffer => frameOf(payload, { opcode: opcode.ping });

export const pings: Category = {
  title: 'Pings and pongs',
  cases: [
    {
      section: '5.5.2',
      given: 'a ping without a payload',
      does: 'a pong without one',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(ping());
        await expectPong(wire);
      },
    },
    {
      section: '5.5.3',
      given: 'a ping with a payload: text, any bytes, 125 of them',
      does: 'a pong with the same bytes',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        for (const payload of ['hello', Buffer.from([0, 255, 254, 128]), randomBytes(125)]) {
          wire.send(ping(payload));
          await expectPong(wire, payload);
        }
      },
    },
    {
      section: '5.5',
      given: 'a ping of more than 125 bytes',
      does: 'closed with 1002',
      by: 'must',
      run: (place) => expectFailure(place, 1002, ping(Buffer.alloc(126))),
    },
    {
      section: '5.5',
      given: 'a ping or a pong in fragments',
      does: 'closed with 1002',
      by: 'must',
      async run(place) {
        await expectFailure(place, 1002, frameOf('a', { opcode: opcode.ping, fin: false }));
        await expectFailure(place, 1002, frameOf('a', { opcode: opcode.pong, fin: false }));
      },
    },
    {
      section: '5.5.2',
      given: 'ten pings in one piece',
      does: 'ten pongs, in order',
      by: 'may',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(...Array.from({ length: 10 }, (_, n) => ping(`${n}`)));
        for (let n = 0; n < 10; n += 1) await expectPong(wire, `${n}`);
      },
    },
    {
      section: '5.5.3',
      given: 'a pong that nobody asked for',
      does: 'no answer, and it counts as a sign of life',
      by: 'may',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(frameOf('unasked', { opcode: opcode.pong }), beat(1));
        await expectAnswer(wire, 1);
      },
    },
    {
      section: '5.5',
      given: 'a ping between the fragments of a message',
      does: 'answered before the message is whole, which is then read',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const [first, second] = fragments(heartbeat(1), [5]) as [Buffer, Buffer];
        wire.send(first, ping('between'));
        await expectPong(wire, 'between');
        wire.send(second);
        await expectAnswer(wire, 1);
      },
    },
    {
      section: '5.5.2',
      given: 'a ping before the hello',
      does: 'answered',
      by: 'must',
      async run({ node }) {
        using wire = await Wire.open(node);
        wire.send(ping('early'));
        await expectPong(wire, 'early');
      },
    },
    {
      section: '5.5.2',
      given: 'a ping after the close',
      does: 'no pong',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(frameOf('', { opcode: opcode.close }), ping());
        expect((await wire.next()).opcode).toBe(opcode.close);
        await wire.ended;
        expect(wire.frames).toEqual([]);
      },
    },
  ],
};

const start = (payload: string): Buffer => frameOf(payload, { fin: false });
const rest = (payload: string, fin = true): Buffer => frameOf(payload, { fin, opcode: opcode.continuation });

export const fragmentation: Category = {
  title: 'Fragmentation',
  cases: [
    {
      section: '5.4',
      given: 'a message in two, in three, and in as many fragments as it has bytes',
      does: 'read whole',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const text = heartbeat(1);
        for (const cuts of [[3], [1, 10], Array.from({ length: text.length - 1 }, (_, n) => n + 1)]) {
          wire.send(...fragments(text, cuts));
          await expectAnswer(wire, 1);
        }
      },
    },
    {
      section: '5.4',
      given: 'fragments without a payload, first, between and last',
      does: 'read whole',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(start(''), rest('', false), rest(heartbeat(1), false), rest(''));
        await expectAnswer(wire, 1);
      },
    },
    {
      section: '5.4',
      given: 'a continuation of nothing, at once or after a message that was whole',
      does: 'closed with 1002',
      by: 'must',
      async run(place) {
        await expectFailure(place, 1002, rest(heartbeat(1)));
        await expectFailure(place, 1002, rest(heartbeat(1), false));
        const { node, ada } = place;
        using wire = await Wire.ready(node, ada);
        wire.send(beat(1));
        await expectAnswer(wire, 1);
        wire.send(rest('more'));
        expect(await wire.close()).toMatchObject({ code: 1002 });
      },
    },
    {
      section: '5.4',
      given: 'a new message, text or binary, before the last fragment of another',
      does: 'closed with 1002',
      by: 'must',
      async run(place) {
        await expectFailure(place, 1002, start('{'), beat(1));
        await expectFailure(place, 1002, start('{'), frameOf('', { opcode: opcode.binary }));
      },
    },
    {
      section: '5.4',
      given: 'a binary message in fragments',
      does: 'closed with 4400 once it is whole',
      by: 'ours',
      run: (place) => expectFailure(place, 4400, frameOf('a', { opcode: opcode.binary, fin: false }), rest('b')),
    },
    {
      section: '5.5.1',
      given: 'a close between the fragments of a message',
      does: 'the closing handshake; the message never was',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const [first, second] = fragments(heartbeat(1), [5]) as [Buffer, Buffer];
        wire.send(first, frameOf('', { opcode: opcode.close }), second);
        expect(await wire.close()).toMatchObject({ code: undefined });
        await wire.ended;
        expect(wire.frames).toEqual([]);
      },
    },
  ],
};

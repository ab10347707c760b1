import { expect } from 'vitest';
import { closeOf, frameOf, opcode, Wire } from '../support/wire.ts';
import { beat, expectAnswer, type Case, type Category } from './case.ts';

const empty = frameOf('', { opcode: opcode.close });

const answers = (codes: readonly number[], given: string): Case => ({
  section: '7.4',
  given: `a close with ${given} (${codes.join(', ')})`,
  does: 'the same code back, then TCP is closed',
  by: 'must',
  async run({ node, ada }) {
    for (const code of codes) {
      using wire = await Wire.ready(node, ada);
      wire.send(closeOf(code, 'so it is'));
      expect(await wire.close()).toMatchObject({ code });
      await wire.ended;
    }
  },
});

const refuses = (codes: readonly number[], given: string): Case => ({
  section: '7.4',
  given: `a close with ${given} (${codes.join(', ')})`,
  does: 'closed with 1002',
  by: 'must',
  async run({ node, ada }) {
    for (const code of codes) {
      using wire = await Wire.ready(node, ada);
      wire.send(closeOf(code));
      expect(await wire.close()).toMatchObject({ code: 1002 });
    }
  },
});

export const closing: Category = {
  title: 'Close handling',
  cases: [
    {
      section: '5.5.1',
      given: 'a close without a payload',
      does: 'a close without one, then TCP is closed, by the server first',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(empty);
        expect(await wire.close()).toEqual({ code: undefined, reason: '' });
        await wire.ended;
      },
    },
    answers([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011], 'a code of the RFC'),
    answers([1012, 1013, 1014], 'a code that was registered since'),
    answers([3000, 3999, 4000, 4999], 'a code of libraries or applications'),
    refuses([0, 999, 1004, 1005, 1006, 1015], 'a code that must not be sent'),
    refuses([1016, 1100, 2000, 2999, 5000, 65_535], 'a code that stands for nothing'),
    {
      section: '5.5.1',
      given: 'a close with one byte',
      does: 'closed with 1002',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(frameOf('a', { opcode: opcode.close }));
        expect(await wire.close()).toMatchObject({ code: 1002 });
      },
    },
    {
      section: '5.5',
      given: 'a close with a reason of 123 bytes, and of 124',
      does: 'the first is answered, the second closed with 1002',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(closeOf(1000, 'x'.repeat(123)));
        expect(await wire.close()).toMatchObject({ code: 1000 });
        using other = await Wire.ready(node, ada);
        other.send(closeOf(1000, 'x'.repeat(124)));
        expect(await other.close()).toMatchObject({ code: 1002 });
      },
    },
    {
      section: '5.5.1',
      given: 'frames after the close: requests, a second close',
      does: 'not read; one close is answered',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(beat('before'));
        await expectAnswer(wire, 'before');
        wire.send(closeOf(1000), beat('after'), closeOf(1001));
        expect(await wire.close()).toMatchObject({ code: 1000 });
        await wire.ended;
        expect(wire.frames).toEqual([]);
      },
    },
    {
      section: '7.1.2',
      given: 'a close by the server that the client answers',
      does: 'a code with a reason, and TCP is closed at once',
      by: 'must',
      async run({ node }) {
        using wire = await Wire.open(node);
        wire.send(frameOf(JSON.stringify({ id: 1, type: 'hello', token: 'forged' })));
        expect(await wire.close()).toEqual({ code: 4401, reason: 'not authenticated' });
        wire.send(closeOf(4401));
        await wire.ended;
      },
    },
    {
      section: '7.1.1',
      given: 'a close by the server that the client does not answer',
      does: 'TCP is closed after 10 s (here: half a second)',
      by: 'may',
      async run({ node }) {
        using wire = await Wire.open(node);
        wire.send(frameOf(JSON.stringify({ id: 1, type: 'hello', token: 'forged' })));
        expect(await wire.close()).toMatchObject({ code: 4401 });
        const closed = performance.now();
        await wire.ended;
        expect(performance.now() - closed).toBeGreaterThan(300);
      },
    },
    {
      section: '7.1.5',
      given: 'TCP closed without a close',
      does: 'the connection is over, counted as 1006',
      by: 'must',
      async run({ node, ada }) {
        const before = node.gateway.metrics.closes.get(1006) ?? 0;
        using wire = await Wire.ready(node, ada);
        wire.socket.end();
        await wire.ended;
        await expect.poll(() => node.gateway.metrics.closes.get(1006) ?? 0).toBe(before + 1);
      },
    },
  ],
};

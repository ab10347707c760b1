import { expect } from 'vitest';
import { closeOf, frameOf, opcode, Wire } from '../support/wire.ts';
import {
  expectAnswer,
  expectClose,
  expectFailure,
  expectPong,
  fragments,
  heartbeat,
  type Case,
  type Category,
} from './case.ts';

const around = (bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from('{"id":"'), Buffer.from(bytes), Buffer.from('","type":"heartbeat"}')]);

const valid = [
  'κόσμε',
  '你好',
  '\u{10348}',
  '\u{10ffff}',
  '\ufffe\uffff',
  '\ud7ff\ue000',
  'é e\u0301 \u{1f468}\u200d\u{1f469}',
];

const invalid: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a byte that never is one', [0xff]],
  ['a continuation of nothing', [0x80]],
  ['a beginning without its continuation', [0xe4, 0xbd]],
  ['an overlong form', [0xc0, 0x80]],
  ['an overlong form of three bytes', [0xe0, 0x80, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a form of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
];

const refuses = ([name, bytes]: (typeof invalid)[number]): Case => ({
  section: '8.1',
  given: `a text with ${name}`,
  does: 'closed with 1007',
  by: 'must',
  run: (place) => expectFailure(place, 1007, frameOf(around(bytes))),
});

export const utf8: Category = {
  title: 'UTF-8',
  cases: [
    {
      section: '5.6',
      given: 'texts of one to four bytes a character, the last code point, noncharacters, combined emoji',
      does: 'read, and given back unchanged',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        for (const id of valid) {
          wire.send(frameOf(heartbeat(id)));
          await expectAnswer(wire, id);
        }
      },
    },
    {
      section: '5.6',
      given: 'a text cut between the bytes of a character, anywhere',
      does: 'read',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        const id = '你\u{10348}é';
        const text = heartbeat(id);
        for (let cut = 1; cut < Buffer.byteLength(text); cut += 1) wire.send(...fragments(text, [cut]));
        for (let cut = 1; cut < Buffer.byteLength(text); cut += 1) await expectAnswer(wire, id);
      },
    },
    ...invalid.map(refuses),
    {
      section: '8.1',
      given: 'a text whose fragments are each UTF-8, but not together',
      does: 'closed with 1007',
      by: 'must',
      run: (place) => expectFailure(place, 1007, ...fragments(around([0xe4, 0xbd]), [7, 8])),
    },
    {
      section: '8.1',
      given: 'a text that is wrong early, before its last fragment',
      does: 'closed with 1007, but only with its last fragment: until then pings are answered',
      by: 'may',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(frameOf(Buffer.from([0xff]), { fin: false }), frameOf('', { opcode: opcode.ping }));
        await expectPong(wire);
        wire.send(frameOf('', { opcode: opcode.continuation }));
        await expectClose(wire, 1007);
      },
    },
    {
      section: '5.5.1',
      given: 'a reason of a close that is not UTF-8',
      does: 'closed with 1007',
      by: 'must',
      async run({ node, ada }) {
        using wire = await Wire.ready(node, ada);
        wire.send(closeOf(1000, Buffer.from([0xff])));
        expect(await wire.close()).toMatchObject({ code: 1007 });
      },
    },
  ],
};

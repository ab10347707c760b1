import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapText, splitText, type Names } from '../../app/cli/slack/mrkdwn.ts';

const names: Names = {
  user: (slackId, label) => ({ name: label ?? `name of ${slackId}`, userId: `id of ${slackId}` }),
  channel: (slackId) => (slackId === 'C1' ? 'general' : undefined),
};
const map = (text: string): string => mapText(text, names).text;

describe('Slack’s mrkdwn as Markdown', () => {
  it.each([
    ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
    ['see <https://example.org/?a=1&amp;b=2>', 'see https://example.org/?a=1&b=2'],
    ['see <https://example.org|the *page*>', 'see [the *page*](https://example.org)'],
    ['write to <mailto:a@example.org|a@example.org>', 'write to a@example.org'],
    ['in <#C1> and <#C2|random> and <#C3>', 'in #general and #random and #C3'],
    ['this is *bold*, ~gone~ and _slanted_', 'this is **bold**, ~~gone~~ and _slanted_'],
    ['2*3*4 stays, and so does a ~ b ~ c', '2*3*4 stays, and so does a ~ b ~ c'],
    ['`*not bold* &lt;` but *bold*', '`*not bold* <` but **bold**'],
    ['```\n*code* &amp;&amp; <https://example.org>\n```', '```\n*code* && https://example.org\n```'],
    [':wink: and :no-such-thing:', '😉 and :no-such-thing:'],
    ['<!subteam^S1|@team> at <!date^1^{date}|noon>', '@team at noon'],
    ['*<https://example.org|linked>*', '**[linked](https://example.org)**'],
  ])('%j is %j', (mrkdwn, markdown) => {
    expect(map(mrkdwn)).toBe(markdown);
  });

  it('names the mentioned, each once, and everyone', () => {
    expect(mapText('<@U1> and <@U2|bob>, <@U1>: <!here>', names)).toEqual({
      text: '@name of U1 and @bob, @name of U1: @here',
      mentions: ['id of U1', 'id of U2', 'everyone'],
    });
  });

  it('gives well-formed text without U+0000, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const mapped = map(`${text}\ud800\0`);
        return mapped.isWellFormed() && !mapped.includes('\0');
      }),
    );
  });

  it('cuts long texts between characters, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 8, max: 64 }), (text, bytes) => {
        const parts = splitText(text, bytes);
        return (
          parts.join('') === text && parts.every((part) => Buffer.byteLength(part) <= bytes && part.isWellFormed())
        );
      }),
    );
  });
});

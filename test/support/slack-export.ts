const message = (ts: string, user: string, text: string, more: object = {}): object => ({
  type: 'message',
  ts,
  user,
  text,
  ...more,
});

/** A small export with everything that exports have: 2018-02-01 is 1517443200. */
export const smallExport: Readonly<Record<string, unknown>> = {
  'users.json': [
    { id: 'U1', name: 'ada', profile: { display_name: 'Ada L.' } },
    { id: 'U2', name: 'Béla.Böhm', real_name: 'Béla Böhm', profile: { display_name: '' } },
    { id: 'U3', name: 'ada' },
    { id: 'U4', name: 'silent', profile: { real_name: 'Silent Reader' } },
  ],
  'channels.json': [
    {
      id: 'C1',
      name: 'general',
      created: 1517400000,
      members: ['U1', 'U2', 'U4'],
      topic: { value: 'All &amp; sundry' },
    },
    { id: 'C2', name: 'old', created: 1517400000, is_archived: true, members: [] },
  ],
  'groups.json': [{ id: 'G1', name: 'secret', created: 1517400000, members: ['U1', 'U3'] }],
  'dms.json': [{ id: 'D1', created: 1517400000, members: ['U1', 'U2'] }],
  'general/2018-02-01.json': [
    { type: 'message', subtype: 'channel_join', ts: '1517443200.000100', user: 'U1', text: 'joined' },
    message('1517443201.000100', 'U1', 'Hello <@U2>, see <https://example.org|this>', {
      reactions: [
        { name: '+1', users: ['U2', 'U3'] },
        { name: 'parrot', users: ['U1'] },
      ],
    }),
    message('1517443202.000100', 'U2', 'In a *thread*', { thread_ts: '1517443201.000100' }),
    message('1517443203.000100', 'U3', '', {
      subtype: 'file_share',
      files: [{ name: 'notes.txt', mimetype: 'text/plain', size: 7 }],
    }),
    {
      type: 'message',
      subtype: 'bot_message',
      ts: '1517443204.000100',
      bot_id: 'B1',
      username: 'Deploys',
      attachments: [{ fallback: 'Deployed 1.2' }],
    },
    { type: 'message', subtype: 'bot_message', ts: '1517443205.000100', bot_id: 'B1', text: '' },
    'no record at all',
  ],
  'general/2018-02-02.json': [
    message('1517529600.000100', 'U2', 'is away', { subtype: 'me_message' }),
    {
      type: 'message',
      subtype: 'channel_topic',
      ts: '1517529601.000100',
      user: 'U1',
      topic: 'News',
      text: 'set the topic',
    },
    { type: 'message', subtype: 'channel_leave', ts: '1517529602.000100', user: 'U3', text: 'left' },
    message('1517529603.000100', 'U1', 'x'.repeat(20_000)),
    message('1517529604.000100', 'U1', 'To a root that was never exported', { thread_ts: '1500000000.000100' }),
    { type: 'message', subtype: 'pinned_item', ts: '1517529605.000100', user: 'U1', text: 'pinned' },
  ],
  'old/2018-02-01.json': [message('1517443200.000100', 'U1', 'The last word')],
  'secret/2018-02-01.json': [message('1517443200.000100', 'U3', 'Psst')],
  'D1/2018-02-01.json': [message('1517443200.000100', 'U2', 'Just for you')],
};

export const exportFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(smallExport).map(([name, content]) => [name, JSON.stringify(content)]),
);

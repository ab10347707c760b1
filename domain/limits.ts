/** Limits of the domain. Characters are Unicode code points, bytes are of UTF-8. */
export const limits = {
  username: /^[a-z0-9][a-z0-9_.-]{1,31}$/,
  passwordCharacters: { min: 8, max: 256 },
  displayNameCharacters: 80,
  statusTextCharacters: 200,
  conversationNameCharacters: 120,
  topicCharacters: 500,
  textBytes: 16 * 1024,
  customBytes: 4 * 1024,
  customDepth: 8,
  mentions: 100,
  attachments: 20,
  memberIdsInOneCall: 1_000,
  maxMembersDefault: 1_000,
  maxMembersMost: 100_000,
  devicesPerUser: 20,
  /** In conversations with more members receipts tell only how far somebody has read, and nothing of single messages. */
  receiptMembers: 100,
  botsPerUser: 20,
  tokensPerBot: 20,
  webhooksPerBot: 10,
  expiresInSecondsMost: 31_536_000,
  /** Messages that one user may have scheduled, those among them that failed. */
  scheduledPerUser: 100,
  scheduledAheadMs: 366 * 24 * 60 * 60_000,
  /** How long the state of a conversation remembers a message after it was last touched. */
  messageWindowMs: 10 * 60_000,
  /** How far the time in a message id may lie ahead of the server and still count as fresh. */
  messageIdAheadMs: 24 * 60 * 60_000,
} as const;

export const characters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

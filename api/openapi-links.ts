interface Link {
  readonly from: string;
  readonly status: number;
  readonly to: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Each of `to` takes those fields of the answer as the parameters of the same name. */
const linked = (
  [from, status]: readonly [from: string, status: number],
  fields: readonly string[],
  to: readonly string[],
): readonly Link[] => {
  const parameters = Object.fromEntries(fields.map((field) => [field, `$response.body#/${field}`]));
  return to.map((operation) => ({ from, status, to: operation, parameters }));
};

const aboutUser = ['getUser', 'putContact', 'removeContact', 'putBlock', 'removeBlock', 'putDirect'];
const aboutConversation = [
  'getConversation',
  'changeConversation',
  'closeConversation',
  'changeOwnView',
  'clearHistory',
  'listMembers',
  'createInvite',
  'listInvites',
  'sendMessage',
  'listMessages',
  'listPins',
  'scheduleMessage',
  'listScheduled',
  'listChanges',
  'putReceipts',
];
const aboutMessage = [
  'getMessage',
  'editMessage',
  'deleteMessage',
  'pinMessage',
  'unpinMessage',
  'addReaction',
  'removeReaction',
  'listVersions',
  'listReceipts',
  'listThread',
];

/** What the answer of one operation is good for in another one. */
export const links: readonly Link[] = [
  ...linked(['register', 201], ['userId'], aboutUser),
  ...linked(['putContact', 201], ['userId'], ['removeContact', 'getUser']),
  ...linked(['putBlock', 201], ['userId'], ['removeBlock']),
  ...linked(['login', 201], ['deviceId'], ['revokeDevice']),
  ...linked(['startConversation', 201], ['conversationId'], aboutConversation),
  ...linked(['putDirect', 201], ['conversationId'], aboutConversation),
  ...linked(['sendMessage', 201], ['conversationId', 'messageId'], aboutMessage),
  ...linked(['scheduleMessage', 201], ['conversationId', 'messageId'], ['scheduleMessage', 'cancelScheduled']),
  ...linked(['createInvite', 201], ['token'], ['acceptInvite']),
];

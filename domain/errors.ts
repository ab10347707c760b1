/** Every refusal there is, with the HTTP status it has for clients. Documented for them in docs/errors.md. */
export const refusals = {
  'request/invalid': [400, 'The request is not valid'],
  'search/empty': [400, 'There is nothing to search for'],
  'search/invalid-operator': [400, 'An operator of the query cannot be understood'],
  'search/too-complex': [400, 'The query asks for too much at once'],
  'auth/required': [401, 'Authentication is required'],
  'auth/expired': [401, 'The access token has expired'],
  'auth/wrong-credentials': [401, 'The username or the password is wrong'],
  'auth/forbidden': [403, 'The caller may not do this'],
  'conversation/not-a-member': [403, 'Only members may do this'],
  'message/not-editable': [403, 'The message cannot be edited by the caller'],
  'contact/blocked': [403, 'One of the two has blocked the other'],
  'contact/required': [403, 'Only contacts of this user may do this'],
  'request/not-found': [404, 'There is nothing at this address'],
  'conversation/not-found': [404, 'The conversation does not exist'],
  'message/not-found': [404, 'The message does not exist'],
  'user/not-found': [404, 'The user does not exist'],
  'device/not-found': [404, 'The device does not exist'],
  'invite/not-found': [404, 'The invite does not exist or is used up'],
  'bot/not-found': [404, 'The caller has no such bot'],
  'bot/token-not-found': [404, 'The bot has no such token'],
  'bot/webhook-not-found': [404, 'The bot has no such webhook'],
  'request/method-not-allowed': [405, 'This address does not know the method'],
  'user/name-taken': [409, 'The username is taken'],
  'bot/too-many': [409, 'There are as many as there may be'],
  'conversation/id-reused': [409, 'The id belongs to another conversation'],
  'conversation/closed': [409, 'The conversation is closed'],
  'conversation/full': [409, 'The conversation has as many members as it may'],
  'conversation/last-owner': [409, 'The last owner cannot leave or step down while others are there'],
  'message/id-reused': [409, 'The id belongs to another message'],
  'scheduled/too-many': [409, 'The caller has as many messages scheduled as he may'],
  'request/too-large': [413, 'The request is too large'],
  'request/unsupported-media-type': [415, 'The body must be JSON'],
  'message/too-long': [422, 'The message is longer than allowed'],
  'rate/limited': [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  'read-model/behind': [503, 'The read model has not caught up in time'],
  'server/unavailable': [503, 'The server cannot do this at the moment'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type RefusalCode = keyof typeof refusals;

/** A refusal: nothing was changed. `details` are public parameters of the problem; never secrets or message text. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: RefusalCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: RefusalCode, details: Readonly<Record<string, unknown>> = {}) {
    super(refusals[code][1]);
    this.code = code;
    this.details = details;
  }
}

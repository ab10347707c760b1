/**
 * What a bot's token allows: `read` everything the bot can see, and connect; write messages, reactions, pins and
 * receipts; start, change and join conversations; change its own profile.
 */
export const botScopes = ['read', 'messages:write', 'conversations:write', 'profile:write'] as const;
export type BotScope = (typeof botScopes)[number];

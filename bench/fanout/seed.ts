import { v7 } from 'uuid';
import { openWriting } from '../../app/cli/writing.ts';
import { loadConfig } from '../../app/config.ts';
import { defaultSettings } from '../../domain/conversation/values.ts';
import { createAccessTokens } from '../../services/access-token.ts';
import type { Caller } from '../../services/caller.ts';

export interface Member {
  readonly userId: string;
  readonly token: string;
}

export interface Seeded {
  readonly members: readonly Member[];
  /** Of the first two members, of the first 101, and of all but the last two. */
  readonly groups: { readonly pair: string; readonly hundred: string; readonly all: string };
  /** Of the last two, who are in no other. */
  readonly aside: string;
}

/** In steps, because a lane takes only so many commands at once. */
const inSteps = async (count: number, work: (index: number) => Promise<unknown>): Promise<void> => {
  const step = 200;
  for (let first = 0; first < count; first += step) {
    await Promise.all(Array.from({ length: Math.min(step, count - first) }, (_, offset) => work(first + offset)));
  }
};

/** Users with a device and a session each, and groups of them, written into the folder without a server. */
export const seed = async (folder: string, count: number): Promise<Seeded> => {
  await using writing = await openWriting(loadConfig({ DATA_DIR: folder }));
  const { bus, ports } = writing;
  const secret = await ports.credentials.secret('access-tokens', 32);
  const tokens = createAccessTokens({ secret, seconds: 86_400, clock: Date.now });
  const members: Member[] = [];
  await inSteps(count, async (index) => {
    const [userId, deviceId, sessionId] = [v7(), v7(), v7()];
    const user = { userId, username: `member-${index}`, displayName: `Member ${index}` };
    const by = { actorId: userId };
    await bus.user(userId, { ...by, commandId: v7(), command: { type: 'RegisterUser', data: user } });
    const device = { deviceId, name: 'bench', platform: null };
    await bus.user(userId, { ...by, commandId: v7(), command: { type: 'AddDevice', data: device } });
    const caller: Caller = { userId, deviceId, sessionId };
    const now = new Date().toISOString();
    await ports.credentials.startSession({ ...caller, createdAt: now, lastSeenAt: now, generation: 1, rotatedAt: now });
    members[index] = { userId, token: (await tokens.issue(caller)).accessToken };
  });
  const start = async (name: string, of: readonly Member[]): Promise<string> => {
    const conversationId = v7();
    const actorId = of[0]!.userId;
    const settings = { ...defaultSettings, maxMembers: 100_000 };
    const data = { conversationId, kind: 'group', name, topic: null, memberIds: [], settings } as const;
    const command = { type: 'StartConversation', data } as const;
    await bus.conversation(conversationId, { commandId: v7(), actorId, command });
    await inSteps(of.length - 1, (index) =>
      bus.conversation(conversationId, {
        commandId: v7(),
        actorId,
        command: { type: 'PutMember', data: { userId: of[index + 1]!.userId } },
      }),
    );
    return conversationId;
  };
  return {
    members,
    groups: {
      pair: await start('Two', members.slice(0, 2)),
      hundred: await start('A hundred', members.slice(0, 101)),
      all: await start('All', members.slice(0, -2)),
    },
    aside: await start('Aside', members.slice(-2)),
  };
};

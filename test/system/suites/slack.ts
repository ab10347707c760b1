import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Parley } from '../../../app/compose.ts';
import { compareCopies, compareCounts, type HistoryCache } from '../../../app/demo/checks/compare.ts';
import { readLogOf } from '../../../app/demo/checks/log-file.ts';
import { foldLog, type FoldedConversation } from '../../../app/demo/checks/log-fold.ts';
import { Rest } from '../../../app/demo/client/rest.ts';
import { temporaryFolder } from '../../../app/demo/server-process.ts';
import { readModelNames } from '../../../projections/registry.ts';
import type { Page } from '../../../schemas/common.ts';
import type { Conversation, Member } from '../../../schemas/conversation.ts';
import type { Message } from '../../../schemas/message.ts';
import { startLocally } from '../../support/local-server.ts';
import { playTraffic, type Played, type PlayedChannel } from '../../support/play-traffic.ts';
import { expectedHistory, toldOf } from '../../support/expected-history.ts';
import { eachOf } from '../../support/pool.ts';
import { expectedChannel } from '../../support/traffic-counts.ts';
import type { Traffic } from '../../support/traffic.ts';
import type { Settings } from './settings.ts';

export interface SlackSuiteOptions {
  readonly title: string;
  readonly traffic: Traffic;
  /** How many of the users have an open socket. */
  readonly socketsOf: number;
  readonly settings: Settings;
}

/** Traffic of a community, played through the public API and compared with what the file says. */
export const slackSuite = ({ title, traffic, socketsOf, settings }: SlackSuiteOptions): void => {
  describe(`${title} (${traffic.source}), through the public API`, () => {
    const scope = new AsyncDisposableStack();
    let server: Parley;
    let played: Played;
    let folded: ReadonlyMap<string, FoldedConversation>;

    beforeAll(async () => {
      const { folder } = scope.use(await temporaryFolder());
      server = scope.use(await startLocally(folder, await settings(scope)));
      const rest = scope.use(new Rest(server.url, 64));
      played = await playTraffic({ rest, traffic, socketsOf });
      scope.defer(async () => {
        await eachOf(played.connected, 32, (client) => client.goAway());
      });
      const head = await server.ports.events.head();
      await vi.waitFor(() => server.readModels.waitFor(readModelNames, head), { timeout: 60_000 });
      folded = foldLog(await readLogOf(server.ports.events));
    }, 400_000);

    afterAll(() => scope.disposeAsync(), 60_000);

    const membersOf = async ({ conversationId }: PlayedChannel): Promise<ReadonlySet<string>> => {
      const members = new Set<string>();
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page = (await played.organiser.ask(
          'GET',
          `/v1/conversations/${conversationId}/members?limit=200${query}`,
        )) as Page<Member>;
        for (const { userId } of page.items) members.add(userId);
        cursor = page.next;
      } while (cursor !== null);
      return members;
    };

    it('keeps every message with its author, text, thread, edits and deletions, as counted from the file', async () => {
      await eachOf(played.channels, 8, async (channel) => {
        const history = await played.organiser.history(channel.conversationId);
        expect(history.map(toldOf)).toEqual(expectedHistory(channel, played.users));
      });
    }, 120_000);

    it('lets each thread be read by itself', async () => {
      const threads = played.channels.map((channel) => ({
        channel,
        roots: [...expectedChannel(channel.events).messages].filter(([, { replies }]) => replies > 0),
      }));
      const [{ channel, roots }] = threads.toSorted((a, b) => b.roots.length - a.roots.length) as [(typeof threads)[0]];
      expect(roots.length).toBeGreaterThan(0);
      for (const [ts, { replies }] of roots) {
        const rootId = channel.messageIds.get(ts);
        const address = `/v1/conversations/${channel.conversationId}/threads/${rootId}/messages?limit=200`;
        const { items } = (await played.organiser.ask('GET', address)) as { items: readonly Message[] };
        expect(items.map(({ thread }) => thread?.rootId)).toEqual(Array.from({ length: replies }, () => rootId));
      }
    });

    it('records exactly the edits that changed a text', () => {
      for (const channel of played.channels) {
        const conversation = folded.get(channel.conversationId)!;
        const expected = expectedChannel(channel.events).messages;
        const edits = [...expected.keys()].map((ts) => conversation.messages.get(channel.messageIds.get(ts)!)!.edits);
        expect(edits).toEqual([...expected.values()].map((message) => message.edits));
      }
    });

    it('has the members and the topic that the file leaves in each channel', async () => {
      await eachOf(played.channels, 8, async (channel) => {
        const { members, topic } = expectedChannel(channel.events);
        const slackIds = [...members].map((slackId) => played.users.get(slackId)!.userId);
        expect(await membersOf(channel)).toEqual(new Set([played.organiser.userId, ...slackIds]));
        const conversation = (await played.organiser.ask(
          'GET',
          `/v1/conversations/${channel.conversationId}`,
        )) as Conversation;
        expect(conversation).toMatchObject({ topic, memberCount: members.size + 1 });
      });
    }, 60_000);

    it('tells every user unread counts and mentions that equal the fold of the log', async () => {
      const differences: string[] = [];
      await eachOf([...played.users.values(), played.organiser], 16, async (client) => {
        differences.push(...(await compareCounts(client, folded)));
      });
      expect(differences).toEqual([]);
    }, 120_000);

    it('has brought every open client to the same history', async () => {
      const known = new Map<string, Promise<readonly Message[]>>();
      // There are no reactions and no private deletions in the file: what one member is shown all are shown.
      const cache: HistoryCache = {
        history(client, conversationId) {
          const history = known.get(conversationId) ?? client.history(conversationId);
          known.set(conversationId, history);
          return history;
        },
      };
      const differences: string[] = [];
      await eachOf(played.connected, 16, async (client) => {
        await client.settled();
        differences.push(...(await compareCopies(client, cache)).differences);
      });
      expect(differences).toEqual([]);
      expect(played.connected.length).toBeGreaterThan(0.8 * Math.min(socketsOf, played.users.size));
    }, 120_000);

    it('has no projection parked', async () => {
      const ready = async (): Promise<number> => (await fetch(`${server.opsUrl}/readyz`)).status;
      await expect.poll(ready, { timeout: 10_000 }).toBe(200);
    });
  });
};

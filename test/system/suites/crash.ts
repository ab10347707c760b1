import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compareCopies, compareCounts } from '../../../app/demo/checks/compare.ts';
import { loadConfig } from '../../../app/config.ts';
import { readLogOf } from '../../../app/demo/checks/log-file.ts';
import { foldLog } from '../../../app/demo/checks/log-fold.ts';
import { compareDumps, dumpOf } from '../../../app/demo/checks/read-model-dump.ts';
import { ChatClient } from '../../../app/demo/client/chat-client.ts';
import { Rest } from '../../../app/demo/client/rest.ts';
import { seededRandom } from '../../../app/demo/random.ts';
import { runCli } from '../../../app/demo/run-cli.ts';
import { ServerProcess, temporaryFolder } from '../../../app/demo/server-process.ts';
import { untilNothing } from '../../../app/demo/until.ts';
import { openPorts } from '../../../app/ports.ts';
import { sendUntilStopped, type Acknowledged } from '../../support/sequential-sender.ts';
import type { Settings } from './settings.ts';

export interface CrashSuiteOptions {
  readonly title: string;
  readonly people: number;
  readonly kills: number;
  readonly settings: Settings;
}

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000_000);

/** A server is killed again and again under load, and nothing that it acknowledged is lost or done twice. */
export const crashSuite = ({ title, people, kills, settings }: CrashSuiteOptions): void => {
  describe(`${title} that is killed ${kills} times under load (CRASH_SEED=${seed})`, () => {
    const scope = new AsyncDisposableStack();
    const random = seededRandom(seed);
    let environment: Readonly<Record<string, string>>;
    let server: ServerProcess;
    let clients: readonly ChatClient[];
    let conversationIds: readonly string[];
    /** For each sender, in the order of acknowledgement. */
    let acknowledged: readonly (readonly Acknowledged[])[];

    /** What the server works on, for whoever only looks. */
    const openBeside = () => openPorts(loadConfig({ ...environment, DATA_DIR: server.folder }), { exclusive: false });

    /** A server that is killed again at once has not been seen by clients that wait longer than it lives. */
    const everyoneIsBack = (): Promise<void> =>
      vi.waitFor(() => expect(clients.filter(({ isConnected }) => !isConnected)).toEqual([]), { timeout: 20_000 });

    const startConversations = async (): Promise<readonly string[]> => {
      const memberIds = clients.slice(1).map(({ userId }) => userId);
      const groups = await Promise.all(
        ['one', 'two', 'three'].map((name) => clients[0]!.start({ kind: 'group', name, memberIds })),
      );
      return groups.map(({ conversationId }) => conversationId);
    };

    beforeAll(async () => {
      const { folder } = scope.use(await temporaryFolder());
      environment = await settings(scope);
      server = scope.use(await ServerProcess.start(folder, { ...environment, LOG_LEVEL: 'warn' }));
      const rest = scope.use(new Rest(server.origin, 64));
      clients = Array.from(
        { length: people },
        (_, index) => new ChatClient(rest, { username: `person-${index}`, password: `secret of ${index}` }),
      );
      scope.defer(async () => {
        await Promise.all(clients.map((client) => client.goAway()));
      });
      for (const client of clients) {
        await client.register();
        await client.login();
        await client.connect();
      }
      conversationIds = await startConversations();
      const stopping = new AbortController();
      const sending = clients.map((client, index) =>
        sendUntilStopped({ client, conversationIds, random: seededRandom(seed + index + 1), signal: stopping.signal }),
      );
      for (let kill = 0; kill < kills; kill += 1) {
        await pause(100 + random.below(1_200));
        if (kill % 3 === 2) await everyoneIsBack();
        await server.kill();
        await server.start();
      }
      await pause(300);
      stopping.abort();
      acknowledged = await Promise.all(sending);
      await Promise.all(clients.map((client) => client.connect()));
    }, 240_000);

    afterAll(() => scope.disposeAsync(), 30_000);

    it('holds every acknowledged message exactly once, and nothing else', async () => {
      for (const conversationId of conversationIds) {
        const history = await clients[0]!.history(conversationId);
        const sent = acknowledged.flat().filter((message) => message.conversationId === conversationId);
        expect(sent.length).toBeGreaterThan(0);
        const bySeq = sent.toSorted((a, b) => a.seq - b.seq);
        expect(history.map(({ messageId, seq, text }) => ({ messageId, seq, text }))).toEqual(
          bySeq.map(({ messageId, seq, text }) => ({ messageId, seq, text })),
        );
        expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
      }
    });

    it('keeps the order in which one sender was acknowledged', () => {
      for (const mine of acknowledged) {
        for (const conversationId of conversationIds) {
          const seqs = mine.filter((message) => message.conversationId === conversationId).map(({ seq }) => seq);
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        }
      }
    });

    it('brings every connected client to the same history', async () => {
      const differences = await untilNothing(async () => {
        await Promise.all(clients.map((client) => client.settled()));
        const reports = await Promise.all(clients.map((client) => compareCopies(client)));
        return reports.flatMap((report) => report.differences);
      }, 15_000);
      expect(differences).toEqual([]);
      for (const client of clients) expect(client.reconnects).toBeGreaterThanOrEqual(Math.floor(kills / 3));
    }, 60_000);

    it('is ready: no projection is parked', async () => {
      await expect.poll(() => server.isReady(), { timeout: 10_000 }).toBe(true);
    });

    it('counts what is unread as the fold of the log does', async () => {
      await using ports = await openBeside();
      const folded = foldLog(await readLogOf(ports.events));
      const differences = await Promise.all(clients.map((client) => compareCounts(client, folded)));
      expect(differences.flat()).toEqual([]);
    });

    it('has read models that equal those built anew from the first event', async () => {
      await using ports = await openBeside();
      const live = await dumpOf(ports.documents);
      expect(await runCli(['rebuild', '--data-dir', server.folder], environment)).toMatchObject({ code: 0 });
      expect(compareDumps(live, await dumpOf(ports.documents))).toEqual([]);
    }, 60_000);
  });
};

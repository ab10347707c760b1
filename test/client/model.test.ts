import { array, assert, asyncProperty } from 'fast-check';
import { describe, it } from 'vitest';
import { action } from './model/actions.ts';
import { play } from './model/life.ts';
import { ChatServer } from './support/server.ts';

const runs = Number(process.env['MODEL_RUNS'] ?? 2);
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000_000);
const only = process.env['MODEL_PATH'];
const mostActions = Number(process.env['MODEL_ACTIONS'] ?? 240);

describe('all devices of all users show in the end what the server shows, every message once and in order', () => {
  // A server that repeats little makes its clients ask for all that they have missed.
  it.each([
    { repeats: 'all that was missed', realtime: {} },
    { repeats: 'little', realtime: { maxReplayPerConversation: 6, maxReplay: 10 } },
  ])('with a server that repeats $repeats', { timeout: runs * 60_000 }, async ({ realtime }) => {
    console.log(`MODEL_SEED=${seed} MODEL_RUNS=${runs} MODEL_ACTIONS=${mostActions}`);
    await using server = await ChatServer.start({}, { realtime });
    const actions = array(action, { minLength: mostActions / 2, maxLength: mostActions, size: 'max' });
    await assert(
      asyncProperty(actions, (chosen) => play(server, chosen)),
      { seed, numRuns: runs, endOnFailure: true, ...(only !== undefined && { path: only }) },
    );
  });
});

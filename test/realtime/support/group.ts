import { expect } from 'vitest';
import { decodePosition } from '../../../services/position-token.ts';
import { Client, type EventFrame } from './client.ts';
import type { SignedIn, TestNode } from './node.ts';

export const group = async (
  node: TestNode,
  owner: SignedIn,
  others: readonly SignedIn[],
  settings = {},
): Promise<string> => {
  const memberIds = others.map(({ userId }) => userId);
  const body = { kind: 'group' as const, name: 'g', memberIds, settings };
  return (await node.messaging.conversations.start(owner, body)).result.conversationId;
};

export const people = async (node: TestNode, count: number): Promise<SignedIn[]> =>
  await Promise.all(Array.from({ length: count }, () => node.signIn()));

export const ready = async (node: TestNode, ...callers: readonly SignedIn[]): Promise<Client[]> =>
  await Promise.all(callers.map((caller) => Client.ready(node, caller)));

/** Waits until the client has the conversation's newest event; then every frame of it is there, in order, once. */
export const whole = async (client: Client, conversationId: string, count: number): Promise<readonly EventFrame[]> => {
  await expect.poll(() => client.events(conversationId).length).toBeGreaterThanOrEqual(count);
  const frames = client.events(conversationId);
  const first = frames[0]!.revision;
  expect(frames.map(({ revision }) => revision)).toEqual(frames.map((_, n) => first + n));
  const positions = client.frames.flatMap((frame) =>
    'position' in frame && frame.position && frame.type !== 'reply' ? [decodePosition(frame.position)] : [],
  );
  expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
  return frames;
};

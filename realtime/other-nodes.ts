import { randomUUID } from 'node:crypto';
import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import { keepListening } from '../projections/keep-listening.ts';
import type { Caller } from '../services/caller.ts';
import type { DeviceConnections } from './device-connections.ts';

interface Connected {
  readonly node: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly since: number;
}

const channel = 'devices-connected';

/**
 * Tells the other nodes which devices connect here, so that each device keeps only its newest connection. While nobody
 * can be told, a device may have one connection on each node: that costs frames sent twice, and nothing else.
 */
export class OtherNodes implements AsyncDisposable {
  readonly #pubSub: PubSub;
  readonly #node = randomUUID();
  readonly #listening: AsyncDisposable;

  constructor(pubSub: PubSub, devices: DeviceConnections) {
    this.#pubSub = pubSub;
    this.#listening = keepListening(pubSub, channel, (message) => {
      const { node, since, ...device } = JSON.parse(message) as Connected;
      if (node !== this.#node) devices.connectedElsewhere(device, since);
    });
  }

  tell({ userId, deviceId }: Caller, since: number): void {
    const connected: Connected = { node: this.#node, userId, deviceId, since };
    this.#pubSub.publish(channel, JSON.stringify(connected)).catch((error: unknown) => {
      if (!(error instanceof PubSubUnavailable)) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening[Symbol.asyncDispose]();
  }
}

import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { WebhookAnswer, WebhookPost, WebhookSender } from '../../ports/webhook-sender.ts';
import { isPublicAddress } from './private-addresses.ts';

export interface HttpWebhookSenderOptions {
  /** For networks whose receivers are their own. Otherwise only public addresses are asked, by https. */
  readonly allowPrivate?: boolean;
  /** From the look-up of the name to the head of the answer. */
  readonly timeoutMs?: number;
  /** Finds the addresses of a name. */
  readonly resolveAll?: (name: string, done: (error: Error | null, found: readonly LookupAddress[]) => void) => void;
}

class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

const resolveByDns: NonNullable<HttpWebhookSenderOptions['resolveAll']> = (name, done) =>
  resolve(name, { all: true }, (error, found) => done(error, error ? [] : found));

/** One request over one connection of its own. The address that was checked is the one that is connected to. */
export class HttpWebhookSender implements WebhookSender {
  readonly #allowPrivate: boolean;
  readonly #timeoutMs: number;
  readonly #resolveAll: NonNullable<HttpWebhookSenderOptions['resolveAll']>;

  constructor({ allowPrivate = false, timeoutMs = 10_000, resolveAll = resolveByDns }: HttpWebhookSenderOptions = {}) {
    this.#allowPrivate = allowPrivate;
    this.#timeoutMs = timeoutMs;
    this.#resolveAll = resolveAll;
  }

  async post(post: WebhookPost): Promise<WebhookAnswer> {
    try {
      const { statusCode = 0 } = await this.#request(post);
      return { kind: 'answered', status: statusCode };
    } catch (error) {
      if (error instanceof PrivateAddress) return { kind: 'failed', reason: 'private-address' };
      const { name } = error as { readonly name?: unknown };
      return { kind: 'failed', reason: name === 'AbortError' || name === 'TimeoutError' ? 'timeout' : 'unreachable' };
    }
  }

  async #request({ url, headers, body }: WebhookPost): Promise<IncomingMessage> {
    const target = new URL(url);
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    const isAllowed = target.protocol === 'https:' || (this.#allowPrivate && target.protocol === 'http:');
    if (!isAllowed || (isIP(host) !== 0 && !this.#mayConnect(host))) throw new PrivateAddress(host);
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const options = { method: 'POST', headers, agent: false, lookup: this.#lookup, signal } as const;
    const asked = request(target, options, (response) => {
      answered(response);
      // Its head says all that counts.
      response.on('error', () => {});
      response.destroy();
    });
    asked.on('error', reject);
    asked.end(body);
    return await promise;
  }

  #mayConnect(address: string): boolean {
    return this.#allowPrivate || isPublicAddress(address);
  }

  /** Every address of the name must be one that may be connected to: which of them is taken is not ours to say. */
  readonly #lookup: LookupFunction = (name, { all }, done) => {
    this.#resolveAll(name, (error, found) => {
      const [first] = found;
      if (error !== null || first === undefined) return done(error ?? new Error('No address'), '');
      if (!found.every(({ address }) => this.#mayConnect(address))) return done(new PrivateAddress(name), '');
      if (all === true) done(null, [...found]);
      else done(null, first.address, first.family);
    });
  };
}

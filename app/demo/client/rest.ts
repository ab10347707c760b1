import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import type { Problem } from '../../../schemas/common.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined where the answer has no body. */
  readonly body: unknown;
  readonly text: string;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly rawBody?: string | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The server refused a request; `problem` is what it said. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  readonly retryAfterMs: number;
  constructor(problem: Problem, retryAfterMs = 0) {
    super(`${problem.code}${problem.errors === undefined ? '' : ` ${JSON.stringify(problem.errors)}`}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

const parse = (text: string, type: string | undefined): unknown => {
  if (text === '') return undefined;
  return type?.includes('json') === true ? JSON.parse(text) : text;
};

/** HTTP to one server over connections that are kept open. */
export class Rest implements Disposable {
  readonly origin: URL;
  readonly #agent: Agent;

  constructor(origin: string, sockets = 32) {
    this.origin = new URL(origin);
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  /** Any answer at all resolves; only a broken connection rejects. */
  async call(call: Call): Promise<Answer> {
    const answer = await this.#exchange(call);
    return { ...answer, body: parse(answer.text, answer.headers['content-type']) };
  }

  #exchange({ method, path, body, rawBody, headers = {} }: Call): Promise<Omit<Answer, 'body'>> {
    const payload = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.origin), {
        agent: this.#agent,
        method,
        timeout: 30_000,
        headers: {
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(payload)),
          }),
          ...headers,
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer to ${method} ${path}`)));
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      });
      outgoing.end(payload);
    });
  }

  /** The body of a successful answer. Throws `Refused` for any other. */
  async ask(call: Call): Promise<{ readonly body: unknown; readonly status: number; readonly position: string }> {
    const answer = await this.call(call);
    if (answer.status >= 400) {
      throw new Refused(answer.body as Problem, Number(answer.headers['retry-after'] ?? 0) * 1000);
    }
    return {
      body: answer.body,
      status: answer.status,
      position: String(answer.headers['parley-position'] ?? ''),
    };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

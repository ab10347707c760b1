import type { CommandBus } from '../../../commands/command-bus.ts';
import { limits } from '../../../domain/limits.ts';
import type { UserId } from '../../../domain/ids.ts';
import type { CredentialStore } from '../../../ports/credential-store.ts';
import { millisecondsOf, slackCommandId, slackUserId } from './ids.ts';
import { cut } from './mrkdwn.ts';
import type { SlackUser } from './records.ts';

/** Starts and owns what is imported, so that nothing closes when its people leave. */
export const importerSlackId = 'slack-import';

export interface PeopleOptions {
  readonly bus: CommandBus;
  readonly credentials: CredentialStore;
  /** Matches no password that anybody knows. */
  readonly unknownPasswordHash: string;
  readonly users: readonly SlackUser[];
}

const isFilled = (value: string | null | undefined): value is string => typeof value === 'string' && value !== '';

const usernameOf = (name: string, attempt: number): string => {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '')
    .replace(/^[^a-z0-9]+/, '');
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  const base = (plain.length < 2 ? `slack-${plain}` : plain).slice(0, 32 - suffix.length);
  return base + suffix;
};

/** The people of an export: each is registered when first seen, always under the same id. */
export class People {
  readonly #options: PeopleOptions;
  readonly #known: ReadonlyMap<string, SlackUser>;
  readonly #labels = new Map<string, string>();
  readonly #registered = new Map<string, Promise<UserId>>();

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#known = new Map(options.users.map((user) => [user.id, user]));
  }

  /** By what others called them, where the export itself does not say. */
  displayName(slackId: string): string {
    if (slackId === importerSlackId) return 'Slack import';
    const user = this.#known.get(slackId);
    const names = [user?.profile?.display_name, user?.profile?.real_name, user?.real_name, user?.name];
    const name = names.find((candidate) => isFilled(candidate)) ?? this.#labels.get(slackId) ?? slackId;
    return cut(name.toWellFormed().replaceAll('\0', ''), limits.displayNameCharacters);
  }

  learnLabel(slackId: string, label: string | null | undefined): void {
    if (isFilled(label)) this.#labels.set(slackId, label);
  }

  /** Resolves with the user's id once the account is there; `ts` is when it was first seen. */
  ensure(slackId: string, ts: string): Promise<UserId> {
    const present = this.#registered.get(slackId);
    if (present !== undefined) return present;
    const registering = this.#register(slackId, ts);
    this.#registered.set(slackId, registering);
    return registering;
  }

  async #register(slackId: string, ts: string): Promise<UserId> {
    const userId = slackUserId(slackId);
    const username = await this.#takeUsername(slackId, userId, ts);
    await this.#options.bus.user(userId, {
      commandId: slackCommandId('users', '0', slackId),
      actorId: userId,
      at: new Date(millisecondsOf(ts)).toISOString(),
      command: { type: 'RegisterUser', data: { userId, username, displayName: this.displayName(slackId) } },
    });
    return userId;
  }

  /** The first free name, or the one that an earlier run took. Nobody can sign in by it until a password is set. */
  async #takeUsername(slackId: string, userId: UserId, ts: string): Promise<string> {
    const { credentials, unknownPasswordHash } = this.#options;
    const user = this.#known.get(slackId);
    for (let attempt = 1; ; attempt += 1) {
      const username = usernameOf(user?.name ?? slackId, attempt);
      const createdAt = new Date(millisecondsOf(ts)).toISOString();
      if (await credentials.addCredential({ userId, username, passwordHash: unknownPasswordHash, createdAt })) {
        return username;
      }
      const holder = await credentials.credentialByUsername(username);
      if (holder?.userId === userId) return username;
    }
  }
}

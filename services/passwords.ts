import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';

export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
export const recommendedCost: PasswordCost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };

/** Hashes passwords by argon2id, in PHC string format. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long without a hash as with one, so that nobody learns by the clock which usernames exist. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

const version = 'v=19';
const format = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const derive = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

const hashWith = async (password: string, { memoryKiB, passes, parallelism }: PasswordCost): Promise<string> => {
  const nonce = randomBytes(16);
  const tag = await derive('argon2id', {
    message: Buffer.from(password, 'utf8'),
    nonce,
    parallelism,
    tagLength: 32,
    memory: memoryKiB,
    passes,
  });
  return `$argon2id$${version}$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
};

const matches = async (password: string, hash: string): Promise<boolean> => {
  const [, memory, passes, parallelism, nonce, tag] = format.exec(hash) ?? [];
  if (nonce === undefined || tag === undefined) throw new Error('A stored password hash is not in the known format');
  const expected = Buffer.from(tag, 'base64');
  const actual = await derive('argon2id', {
    message: Buffer.from(password, 'utf8'),
    nonce: Buffer.from(nonce, 'base64'),
    parallelism: Number(parallelism),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
  });
  return timingSafeEqual(actual, expected);
};

export const createPasswords = (cost: PasswordCost = recommendedCost): Passwords => {
  const decoy = hashWith(randomBytes(32).toString('base64'), cost);
  return {
    hash: (password) => hashWith(password, cost),
    async verify(password, hash) {
      const matched = await matches(password, hash ?? (await decoy));
      return matched && hash !== undefined;
    },
  };
};

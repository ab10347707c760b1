import { emojiByShortcode } from './emoji.ts';

/** What a text refers to, looked up while it is read. */
export interface Names {
  /** Display name and id of the user with this Slack id. */
  user(slackId: string, label: string | undefined): { readonly name: string; readonly userId: string };
  channel(slackId: string): string | undefined;
}

export interface MappedText {
  readonly text: string;
  /** User ids and `everyone`, each once. */
  readonly mentions: readonly string[];
}

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescape = (text: string): string => text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity]!);

const splitLabel = (inner: string): readonly [target: string, label: string | undefined] => {
  const bar = inner.indexOf('|');
  return bar === -1 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)];
};

const linkText = (target: string, label: string | undefined): string => {
  const url = unescape(target);
  const shown = label === undefined ? undefined : unescape(label);
  if (shown === undefined || shown === url || `mailto:${shown}` === url) return shown ?? url;
  return `[${shown}](${url})`;
};

/** `*bold*` and `~struck~` at the borders of words, as Slack reads them, in the signs of Markdown. */
const styles = (text: string): string =>
  text
    .replaceAll(/(^|[\s(["'>])\*(?=\S)([^*\n]*[^*\s])\*(?=$|[\s)\]"'.,;:!?<])/gm, '$1**$2**')
    .replaceAll(/(^|[\s(["'>])~(?=\S)([^~\n]*[^~\s])~(?=$|[\s)\]"'.,;:!?<])/gm, '$1~~$2~~')
    .replaceAll(/:([a-z0-9_+'-]+):/g, (code, name: string) => emojiByShortcode.get(name) ?? code);

/** Code, between one or three back-ticks, is taken as it is but for its escapes. */
const codeSpans = /(```[\s\S]*?```|`[^`\n]+`)/;

/** Slack's mrkdwn as Markdown, with the mentions it makes. */
export const mapText = (mrkdwn: string, names: Names): MappedText => {
  const mentions = new Set<string>();

  const reference = (inner: string): string => {
    const [target, label] = splitLabel(inner);
    const id = target.slice(1);
    if (target.startsWith('@')) {
      const { name, userId } = names.user(id, label);
      mentions.add(userId);
      return `@${name}`;
    }
    if (target.startsWith('#')) return `#${label ?? names.channel(id) ?? id}`;
    if (!target.startsWith('!')) return linkText(target, label);
    if (!['channel', 'here', 'everyone'].includes(id)) return unescape(label ?? id);
    mentions.add('everyone');
    return `@${id}`;
  };

  const references = (text: string): string =>
    text.replaceAll(/<([^<>\n]+)>/g, (_whole, inner: string) => reference(inner));

  const text = mrkdwn
    .toWellFormed()
    .replaceAll('\0', '')
    .split(codeSpans)
    .map((part, index) => (index % 2 === 1 ? unescape(references(part)) : mapProse(part, references)))
    .join('');
  return { text, mentions: [...mentions] };
};

/** References come first and are put aside, so that nothing in a link or a name is taken for a style. */
const mapProse = (prose: string, references: (text: string) => string): string => {
  const parts = prose.split(/(<[^<>\n]+>)/);
  if (parts.length === 1) return unescape(styles(prose));
  const aside: string[] = [];
  const styled = styles(
    parts.map((part, index) => (index % 2 === 1 ? `\0${aside.push(references(part)) - 1}\0` : part)).join(''),
  );
  return unescape(styled).replaceAll(/\0(\d+)\0/g, (_whole, index: string) => aside[Number(index)]!);
};

/** At most so many code points of a text, from its beginning. */
export const cut = (text: string, characters: number): string => Array.from(text).slice(0, characters).join('');

/** Cuts a text into parts of at most `bytes` bytes of UTF-8, between characters, at line ends where they are near. */
export const splitText = (text: string, bytes: number): readonly string[] => {
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > bytes) {
    let end = Math.min(rest.length, bytes);
    while (Buffer.byteLength(rest.slice(0, end)) > bytes) end -= Math.ceil(end / 50);
    if (/[\uD800-\uDBFF]/.test(rest[end - 1]!)) end -= 1;
    const lineEnd = rest.lastIndexOf('\n', end) + 1;
    const cut = lineEnd > end / 2 ? lineEnd : end;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...parts, rest];
};

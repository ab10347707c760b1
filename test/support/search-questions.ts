import { languages } from './search-languages.ts';

export type QuestionKind = 'term' | 'phrase' | 'beginning' | 'both' | 'without';

export interface Question {
  readonly kind: QuestionKind;
  readonly language: string;
  /** One piece, or two for `both` and `without`. */
  readonly pieces: readonly string[];
}

const english = {
  terms: `clojure datomic macro repl namespace library function reagent React JavaScript javascript spec transducer atom
    lambda Emacs cider intellij production exception stacktrace performance memory database query schema protocol
    dispatch keyword symbol vector sequence lazy async channel thread server client socket request response JSON
    parser graph compiler dependency version release docker thanks hello lisp github don't 2018 foo`.split(/\s+/),
  phrases: [
    'of course',
    'use case',
    'i think',
    'for example',
    'pretty sure',
    'state of clojure',
    "i don't know",
    'stack trace',
    'in the repl',
    'open source',
    'out of the box',
    'makes sense',
    'data structures',
    'a bit more',
    'thread macro',
    'error message',
    'command line',
    'side effects',
    'looks like',
    'as far as',
    'npm install',
    'best practice',
    'good idea',
    'works fine',
    'last year',
  ],
  beginnings: ['transd', 'comp', 'datom', 'multi', 'destruct', 'immut', 'github.com', 'java', 'depend', 'perf'],
  both: [
    ['datomic', 'query'],
    ['reagent', 'component'],
    ['spec', 'error'],
    ['emacs', 'cider'],
  ],
  without: [
    ['clojure', 'clojurescript'],
    ['thanks', 'you'],
    ['java', 'script'],
    ['error', 'message'],
  ],
  signs: ['👍', 'C++', 'C#', '.NET', 'foo.barBaz', 'barBaz', 'baz', '€'],
} as const;

const ask = (kind: QuestionKind, language: string, ...pieces: readonly string[]): Question => ({
  kind,
  language,
  pieces,
});

/** Two hundred and more, always the same ones. */
export const questions: readonly Question[] = [
  ...english.terms.map((term) => ask('term', 'English', term)),
  ...english.phrases.map((phrase) => ask('phrase', 'English', phrase)),
  ...english.beginnings.map((beginning) => ask('beginning', 'English', beginning)),
  ...english.both.map((pair) => ask('both', 'English', ...pair)),
  ...english.without.map((pair) => ask('without', 'English', ...pair)),
  ...english.signs.map((sign) => ask('term', 'signs and code', sign)),
  ...languages.flatMap(({ name, terms }) => terms.map((term) => ask('term', name, term))),
  ...languages.flatMap(({ name, phrases }) => phrases.map((phrase) => ask('phrase', name, phrase))),
  ...languages.flatMap(({ name, beginnings }) => beginnings.map((beginning) => ask('beginning', name, beginning))),
  ...languages.flatMap(({ name, pairs }) => pairs.map((pair) => ask('both', name, ...pair))),
  ...languages.flatMap(({ name, pairs }) => pairs.map((pair) => ask('without', name, ...pair))),
];

/** As somebody types it. */
export const typed = ({ kind, pieces: [first = '', second = ''] }: Question): string =>
  ({
    term: `${first} `,
    phrase: `"${first}"`,
    beginning: first,
    both: `${first} ${second} `,
    without: `${first} -${second} `,
  })[kind];

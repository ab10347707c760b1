import pino, { type Logger } from 'pino';
import type { LogLevel } from './config.ts';

/** Structured lines on standard output. What must never be there is cut out, should it ever get that far. */
export const createLogger = (level: LogLevel): Logger =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        'password',
        'token',
        'accessToken',
        'refreshToken',
        'authorization',
        'text',
        'content',
        'body',
        '*.password',
        '*.token',
        '*.accessToken',
        '*.refreshToken',
        '*.authorization',
        '*.text',
        '*.content',
        '*.body',
        'req.headers.authorization',
      ],
      remove: true,
    },
  });

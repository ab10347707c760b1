import { z } from 'zod';
import { characters } from '../domain/limits.ts';

/**
 * Well-formed Unicode without U+0000, its length counted in code points. The limits show in the JSON Schema, where a
 * character is a code point as well (JSON Schema Validation 2020-12, 6.3).
 */
export const text = ({ min = 0, max }: { readonly min?: number; readonly max?: number }) =>
  z
    .string()
    .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed Unicode without U+0000')
    .refine((value) => characters(value) >= min, `must have at least ${min} characters`)
    .refine((value) => max === undefined || characters(value) <= max, `must have at most ${max} characters`)
    .meta({
      pattern: '^[^\\u0000]*$',
      ...(min > 0 && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
    });

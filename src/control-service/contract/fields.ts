/**
 * The building blocks of the wire schemas. They decode what the service really sends: a null is a
 * missing value, a field or an enum value that we do not know survives.
 */
import { z } from 'zod';

/** A field that may be missing or null; decoded, both are `undefined`. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}

/** A list; nulls inside it mean nothing and are left out. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item.nullish())
    .transform((items) => items.filter((each) => each !== null && each !== undefined));
}

/** A closed list of words for writers, an open one for readers: a newer service may know more. */
export function oneOf<const Word extends string>(words: readonly Word[], about: string) {
  const schema: z.ZodType<Word | (string & {}), Word | (string & {})> = z.string();
  return schema.meta({ enum: [...words], description: about });
}

export const text = (about: string) => z.string().describe(about);

export const flag = (about: string, standard?: boolean) =>
  z
    .boolean()
    .meta({ description: about, ...(standard === undefined ? {} : { default: standard }) });

/** Kept as text: the service writes any number of fraction digits; compare as instants. */
export const dateTime = (about: string) =>
  z.string().meta({ format: 'date-time', description: about });

export const int32 = (about: string, standard?: number) =>
  z.number().meta({
    type: 'integer',
    format: 'int32',
    description: about,
    ...(standard === undefined ? {} : { default: standard }),
  });

export const float = (about: string) => z.number().meta({ format: 'float', description: about });

export const integer = (about: string) => z.number().meta({ type: 'integer', description: about });

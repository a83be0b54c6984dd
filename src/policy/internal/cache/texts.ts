/**
 * Stores of texts: each value is one text of JSON, which knows when its time is over.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { CacheStore } from "../../CacheStore.ts"

/** Keeps texts under keys. */
export interface Texts {
  readonly get: (key: string) => Effect.Effect<string | undefined, unknown>
  /** `expires` is when the time of the text is over, in milliseconds since the epoch; `timeToLive` is how long that is. */
  readonly set: (key: string, text: string, expires: number, timeToLive: number) => Effect.Effect<void, unknown>
  readonly remove: (key: string) => Effect.Effect<void, unknown>
}

/** The store of these texts. A text that is no value, since it was cut or changed, is as good as none. */
export const toStore = (name: string, texts: Texts): CacheStore => ({
  name,
  get: (key, schema) =>
    Effect.flatMap(texts.get(key), (text) => {
      if (text === undefined) return Effect.undefined
      const read = Schema.decodeUnknownResult(codecOf(schema))(text)
      if (Result.isFailure(read)) {
        return Effect.as(Effect.logDebug(`cache: ${name} has something that is no value, at ${key}`), undefined)
      }
      const { expires, value } = read.success
      return Effect.map(Clock.currentTimeMillis, (now) => expires === null || expires > now ? value : undefined)
    }),
  set: (key, value, schema, timeToLive) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const millis = Duration.toMillis(timeToLive)
      const expires = now + millis
      const written = Schema.encodeResult(codecOf(schema))({ expires: expires === Infinity ? null : expires, value })
      return Result.isFailure(written)
        ? Effect.fail(written.failure)
        : texts.set(key, written.success, expires, millis)
    }),
  remove: texts.remove
})

/** A value as its text has it. */
interface Written<A> {
  readonly expires: number | null
  readonly value: A
}

const codecs = new WeakMap<object, Schema.Codec<Written<never>, string>>()

const codecOf = <A>(schema: Schema.Codec<A, unknown>): Schema.Codec<Written<A>, string> => {
  const known = codecs.get(schema)
  if (known !== undefined) return known as Schema.Codec<Written<A>, string> // it was made of this schema
  const made = Schema.fromJsonString(
    Schema.Struct({ expires: Schema.NullOr(Schema.Finite), value: Schema.toCodecJson(schema) })
  )
  codecs.set(schema, made as unknown as Schema.Codec<Written<never>, string>)
  return made as unknown as Schema.Codec<Written<A>, string> // a text is what JSON of any kind is in
}

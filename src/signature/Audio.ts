/**
 * A recording, as an input of a signature.
 *
 * It is an address, which the provider loads, or bytes. Nothing is fetched or read unless it is asked for: `fromPath` and `fetch`
 * are Effects that do so. The value is plain data: it survives JSON, demos, histories, events and stores.
 *
 * @example
 * const see = Predict.make("call: Audio, question -> answer")
 * const { answer } = yield* see({ call: yield* Audio.fromPath("./call.wav"), question: "Who speaks?" })
 */
import type * as Effect from "effect/Effect"
import * as Content from "./Content.ts"
import type { ContentError } from "./ContentError.ts"
import * as Constructors from "./internal/content/constructors.ts"
import * as MakeContent from "./internal/content/make.ts"
import type * as ReadContent from "./internal/content/read.ts"
import * as ContentSchema from "./internal/content/schema.ts"

// Models

export type { Base64, Kind, Source, Url } from "./Content.ts"
export type { BytesOptions, UrlOptions } from "./internal/content/make.ts"
export type { FetchOptions } from "./internal/content/read.ts"
export type { ContentSchema } from "./internal/content/schema.ts"

/**
 * A recording: its schema, which JSON may fill with an address or a data URI as text, and its type. Media types are `audio/...`;
 * providers that take recordings take WAV and MP3, most of them as bytes only.
 */
export const Audio: ContentSchema.ContentSchema<Content.Audio> = ContentSchema.make("Audio", Content.Audio)
export interface Audio extends Content.Audio {}

/**
 * The most bytes that a recording has where nothing else is said: 20 MiB (20,971,520). Constructors take another limit, as
 * `maxBytes`.
 */
export const maxBytes: number = MakeContent.maxBytes

// Constructors

const constructors = Constructors.make("Audio", {}, (source): Audio => ({ _tag: "Audio", source }))

/**
 * A recording at an address (`https:`, `http:`, `gs:`), which the provider loads; a data URI is taken as its bytes. Throws a
 * {@link ContentError} at any other text.
 */
export const fromUrl: (url: string | URL, options?: MakeContent.UrlOptions) => Audio = constructors.fromUrl

/**
 * A recording of bytes. What they are is told from how they begin, unless `mediaType` says so. Throws a {@link ContentError}
 * where that is unknown, is of another kind or contradicts the bytes, and at more than `maxBytes`.
 *
 * @example
 * Audio.fromBytes(wav) // { _tag: "Audio", source: { _tag: "Base64", data: "UklGRiQ...", mediaType: "audio/wav" } }
 */
export const fromBytes: (bytes: Uint8Array | ArrayBuffer, options?: MakeContent.BytesOptions) => Audio =
  constructors.fromBytes

/** {@link fromBytes} of bytes in base64, as many services give them. */
export const fromBase64: (data: string, options?: MakeContent.BytesOptions) => Audio = constructors.fromBase64

/** {@link fromBytes} of a data URI, `data:audio/wav;base64,...`. */
export const fromDataUri: (uri: string, options?: MakeContent.BytesOptions) => Audio = constructors.fromDataUri

/**
 * {@link fromBytes} of a file of this machine, which is read when the Effect runs; on Node. Fails with `Unreadable` where that
 * cannot be done, and with `TooLarge` before a file is read that is.
 *
 * @example
 * const call = yield* Audio.fromPath("./call.wav")
 */
export const fromPath: (path: string | URL, options?: MakeContent.BytesOptions) => Effect.Effect<Audio, ContentError> =
  constructors.fromPath

/**
 * {@link fromBytes} of what is at an address, which is fetched when the Effect runs: for addresses that the provider cannot
 * reach. Fails with `Unreadable` where that cannot be done or takes longer than `timeout`. Whoever chooses the address chooses
 * what this machine asks for.
 *
 * @example
 * const call = yield* Audio.fetch("http://localhost:3000/call.wav")
 */
export const fetch: (url: string | URL, options?: ReadContent.FetchOptions) => Effect.Effect<Audio, ContentError> =
  constructors.fetch

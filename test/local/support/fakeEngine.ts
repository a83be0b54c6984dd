/**
 * An engine without a model: its tokens are the bytes of UTF-8, and a function says what it generates. It remembers what it
 * was asked, and what is open.
 */
import { Effect } from "effect"
import type { LMError } from "effect-lm/lm/LMError"
import type { ChatMessage, Engine, Limits, Sampling } from "../../../src/local/internal/engine.ts"

/** One generation that was asked for. */
export interface Asked {
  readonly context: string
  readonly sampling: Sampling
}

export interface Options {
  /** What is generated, after which the model says that it is done. */
  readonly say: (asked: Asked, index: number) => string
  /** What happens before each token. */
  readonly before?: Effect.Effect<void, LMError> | undefined
  readonly contextSize?: number | undefined
  readonly limits?: Limits | undefined
}

export interface FakeEngine {
  readonly engine: Engine
  readonly asked: ReadonlyArray<Asked>
  readonly messages: ReadonlyArray<ReadonlyArray<ChatMessage>>
  /** How many tokens were generated, and how many generations and sequences are open. */
  readonly counts: { generated: number; generations: number; sequences: number }
}

export const make = (options: Options): FakeEngine => {
  const asked: Array<Asked> = []
  const messages: Array<ReadonlyArray<ChatMessage>> = []
  const counts = { generated: 0, generations: 0, sequences: 0 }
  const counted = (name: "generations" | "sequences") =>
    Effect.acquireRelease(Effect.sync(() => counts[name]++), () => Effect.sync(() => void counts[name]--))

  const engine: Engine = {
    model: "local/fake",
    contextSize: options.contextSize ?? 100_000,
    limits: options.limits,
    prompt: (chat) =>
      Effect.sync(() => {
        messages.push(chat)
        const text = chat.map(({ content, role }) => `<${role}>${content}\n`).join("")
        return { tokens: bytes(`${text}<assistant>`), stops: ["</s>"] }
      }),
    tokenize: bytes,
    detokenize: text,
    sequence: Effect.map(counted("sequences"), () => {
      let read: ReadonlyArray<number> = []
      return {
        generate: Effect.fnUntraced(function*(context, sampling) {
          yield* counted("generations")
          const said: Asked = { context: text(context), sampling }
          const tokens = bytes(options.say(said, asked.length))
          asked.push(said)
          const reused = context.findIndex((token, i) => token !== read[i])
          read = context
          let at = 0
          return {
            reused: reused === -1 ? context.length : reused,
            next: Effect.map(options.before ?? Effect.void, () => {
              const token = tokens[at++]
              if (token !== undefined) counts.generated++
              return token
            })
          }
        })
      }
    })
  }
  return { engine, asked, messages, counts }
}

/** The tokens of a text. */
export const bytes = (text: string): ReadonlyArray<number> => [...new TextEncoder().encode(text)]

/** The text of tokens. */
export const text = (tokens: ReadonlyArray<number>): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(tokens))

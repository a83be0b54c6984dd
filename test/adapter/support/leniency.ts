/** Replies and what they say: the rows of the adapters' tests of leniency, and how every row is tried. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as ChatAdapter from "effect-lm/adapter/ChatAdapter"
import * as JSONAdapter from "effect-lm/adapter/JSONAdapter"
import * as XMLAdapter from "effect-lm/adapter/XMLAdapter"
import * as Predict from "effect-lm/module/Predict"
import * as Signature from "effect-lm/signature/Signature"
import * as ScriptedLM from "effect-lm/testing/ScriptedLM"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "./decode.ts"

type Name = keyof typeof adapters

const layers = { Chat: ChatAdapter.layer, JSON: JSONAdapter.layer, XML: XMLAdapter.layer }

export const str = Schema.String
export const int = Schema.Int
export const float = Schema.Finite
export const bool = Schema.Boolean
export const mood = Schema.Literals(["positive", "negative"])
export const strings = Schema.Array(str)
export const Person = Schema.Struct({ name: str, age: int })
export const Item = Schema.Struct({ title: str, price: float, used: bool })

export const outputs = (fields: Signature.Any["output"]["fields"]): Signature.Any =>
  Signature.fromSchemas({ inputs: { q: str }, outputs: fields })

export interface Row {
  readonly kind: string
  readonly adapter: Name
  readonly outputs: Signature.Any["output"]["fields"]
  readonly reply: string
  /** The values; none where the reply has to be asked for again. */
  readonly value?: Readonly<Record<string, unknown>>
}

/** A reply of one adapter. */
const replyOf =
  (adapter: Name) => (kind: string, fields: Row["outputs"], reply: string, value?: Row["value"]): Row => ({
    kind,
    adapter,
    outputs: fields,
    reply,
    ...(value === undefined ? {} : { value })
  })

export const json = replyOf("JSON")
export const xml = replyOf("XML")
export const sections = replyOf("Chat")

/** One field in a section of its own. */
export const chat = (
  kind: string,
  type: Row["outputs"][string],
  text: string,
  ...value: ReadonlyArray<unknown>
): Row => ({
  kind,
  adapter: "Chat",
  outputs: { v: type },
  reply: `[[ ## v ## ]]\n${text}\n\n[[ ## completed ## ]]`,
  ...(value.length === 0 ? {} : { value: { v: value[0] } })
})

export const qa = { answer: str, n: int }
export const paris = { answer: "Paris", n: 3 }
export const tagged = { answer: str, tags: strings }
export const ab = { tags: ["a", "b"] }

/** Every row in every split of its reply, and asked as a program asks. */
export const check = (rows: ReadonlyArray<Row>): void => {
  describe("in every split", () => {
    for (const { adapter, kind, outputs: fields, reply, value } of rows) {
      it(`${adapter}: ${kind} ${value === undefined ? "is asked again" : "is read"}`, () => {
        const decoded = decodeEverySplit(adapters[adapter], outputs(fields), reply)
        if (value === undefined) assert.isAbove(errorOf(decoded).issues.length, 0)
        else assert.deepStrictEqual(valuesOf(decoded), value)
      })
    }
  })

  describe("at once", () => {
    it.effect("a reply that can be read costs one request, and one that cannot a second", () =>
      Effect.gen(function*() {
        for (const { adapter, outputs: fields, reply, value } of rows) {
          let requests = 0
          const lm = ScriptedLM.layer(() => {
            requests++
            return reply
          })
          const predict = Predict.fromSignature(outputs(fields), { maxRepairs: 1 })
          const result = yield* predict({ q: "?" }).pipe(Effect.result, Effect.provide([lm, layers[adapter]]))
          assert.strictEqual(Result.isSuccess(result), value !== undefined, reply)
          if (value !== undefined) assert.strictEqual(requests, 1, reply)
          else assert.isAbove(requests, 1, reply)
        }
      }))
  })
}

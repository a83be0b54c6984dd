/** The adapters that write several fields, for tests of what holds with each: one more in the list is tested too. */
import { Layer } from "effect"
import { type Adapter, Adapters, CurrentAdapter, Signature } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

/** An adapter, and how a model writes fields for it. */
export interface Form {
  readonly name: string
  readonly adapter: Adapter.Adapter
  readonly layer: Layer.Layer<never>
  /** A reply of these fields: strings as they are, everything else as JSON. */
  readonly format: (fields: Readonly<Record<string, unknown>>, options?: ScriptedLM.TextOptions) => ScriptedLM.Reply
}

/** None of the fields that tests write: what has no type is written by its value. */
const untyped = Signature.make("-> untyped")

export const formOf = (adapter: Adapter.Adapter): Form => ({
  name: adapter.name,
  adapter,
  layer: Layer.succeed(CurrentAdapter, adapter),
  format: (fields, options) => ScriptedLM.written(adapter, untyped, fields, options)
})

export const forms: ReadonlyArray<Form> = Object.values<Adapter.Adapter>(Adapters.builtIn)
  .filter(({ form }) => form?.reply(untyped.outputFields) !== undefined)
  .map(formOf)

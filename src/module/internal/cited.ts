/**
 * The documents that the citations of a call are looked for in.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { Document } from "../../signature/Document.ts"
import { documentsOf } from "../../signature/internal/documents.ts"
import type * as Signature from "../../signature/Signature.ts"
import { SignatureError } from "../../signature/SignatureError.ts"

type Inputs = Readonly<Record<string, unknown>>

/** The documents of the call around a request that does not give them itself: an agent's, those of the first of two steps. */
const Around = Context.Reference<ReadonlyArray<Document>>("effect-lm/module/Cited", { defaultValue: () => [] })

/** The adapter, whose decoder looks for citations in the documents of the call. */
export const citing = (
  adapter: Adapter.Adapter,
  signature: Signature.Any,
  inputs: Inputs,
  context: Context.Context<never>
): Adapter.Adapter => {
  if (!signature.outputFields.some(({ hasCitations }) => hasCitations)) return adapter
  const documents = documentsOf(signature, inputs) ?? Context.get(context, Around)
  return { ...adapter, decoder: (signature) => adapter.decoder(signature, documents) }
}

/** Requests inside of the effect may cite the documents of these inputs without being given them again. */
export const within = (signature: Signature.Any, inputs: Inputs) => <A, E, R>(self: Effect.Effect<A, E, R>) => {
  const documents = documentsOf(signature, inputs)
  return documents === undefined ? self : Effect.provideService(self, Around, documents)
}

/** Throws a {@link SignatureError} where there is nothing that the citations of a signature can be of. */
export const checkCitations = (signature: Signature.Any): void => {
  const output = signature.outputFields.find(({ hasCitations }) => hasCitations)
  if (output === undefined || signature.inputFields.some(({ hasDocuments }) => hasDocuments)) return
  throw new SignatureError({
    reason: `'${output.name}' cites documents, and no input is one: give it some, as in docs: list[Document]`,
    text: String(signature)
  })
}

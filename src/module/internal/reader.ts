/**
 * One completion of a reply while it arrives: its decoder, and what was understood and shown of it so far.
 */
import type * as Adapter from "../../adapter/Adapter.ts"
import * as PartialJson from "../../adapter/PartialJson.ts"
import type * as Content from "../../lm/LMContent.ts"
import type * as Signature from "../../signature/Signature.ts"

/** What reads one completion. */
export class Reader {
  decoder: Adapter.FieldDecoder
  attempt: number
  /** The fields of which something was shown. */
  readonly shown = new Set<string>()
  /** The fields so far, where reading stopped before the reply was over. */
  aborted: Adapter.AbortedReply | undefined
  /** The tool calls that were begun, by their place: names may come in the first piece only, and ids are ours. */
  calls: Map<number, { readonly id: string; name: string }> | undefined
  /** What the whole completion holds. */
  content: ReadonlyArray<Content.Said> = []
  readonly #signature: Signature.Any
  #partials: Map<string, PartialJson.PartialJson> | undefined

  constructor(decoder: Adapter.FieldDecoder, signature: Signature.Any, attempt: number) {
    this.decoder = decoder
    this.#signature = signature
    this.attempt = attempt
  }

  /** Reads no further. */
  abort(): Adapter.AbortedReply {
    return this.aborted ??= this.decoder.abort()
  }

  /** What was shown does not count any more. */
  forget(): void {
    this.shown.clear()
    this.#partials = undefined
  }

  /** The value of a field so far, with a piece more of it. */
  partialValue({ field, isLast, isNull, soFar, text }: Adapter.FieldPart): unknown {
    if (isNull === true) return null
    if (soFar !== undefined) return soFar.snapshot(isLast)
    this.#partials ??= new Map()
    let partial = this.#partials.get(field)
    if (partial === undefined) {
      partial = isString(this.#signature, field) ? stringSoFar() : PartialJson.make()
      this.#partials.set(field, partial)
    }
    const value = partial.push(text)
    return isLast ? partial.end() : value
  }
}

// Details

/** Whether a field's text is its value, which is a string where it is not null. */
const isString = (signature: Signature.Any, name: string): boolean => {
  const field = signature.outputFields.find((field) => field.name === name)
  return field?.kind === "text" || field?.literals?.every((literal) => typeof literal === "string") === true
}

const stringSoFar = (): PartialJson.PartialJson => {
  let text = ""
  return { push: (piece) => text += piece, end: () => text }
}

/**
 * Reads a reply once more at its end, if something was missing: with lines that are nearly markers, and with markers in code
 * fences. It counts where it can be read in this way only.
 */
import * as Result from "effect/Result"
import type * as Signature from "../../signature/Signature.ts"
import { inputSpellingsOf, outputsOf, spellingsOf } from "../internal/perSignature.ts"
import type { Make, Sink } from "../Scanner.ts"
import { nearMarkers } from "./near.ts"
import { ChatScanner, type Lacking, type Other } from "./scanner.ts"

export const chatScanner: Make = Object.assign(
  (signature: Signature.Any) => new ChatScanner(signature, { readAgain }),
  // Markers and what is nearly one, objects, and the tags of thoughts.
  { signs: () => /[#[\]{<&\u25c1]|\*\*|__/ }
)

const readAgain = ({ fence, fields, isEnded, signature, text }: Lacking): Other => {
  const { resolve } = spellingsOf(signature)
  const isInput = (spelling: string) => inputSpellingsOf(signature).resolve(spelling) !== undefined
  const near = nearMarkers(text, { resolve, isInput, lacking: fields, isEnded })
  const isNeeded = (name: string) => Result.isFailure(outputsOf(signature).get(name)!.decodeAbsent())
  const needs = [...fields].some(isNeeded)
  const texts = [near.sure, needs ? near.likely : undefined].filter((text) => text !== undefined)
  const ways: Array<Way> = texts.map((text) => ({ text }))
  if (fence === "open" || (fence === "closed" && needs)) {
    ways.push(...[text, ...texts].map((text) => ({ text, ignoresFences: true })))
  }
  const way = ways.find((way) => {
    const found = new Found()
    const scanner = new ChatScanner(signature, way)
    scanner.push(way.text, found)
    scanner.end(found)
    const names = [...outputsOf(signature).keys()]
    return !found.hasIssue && !names.some((name) => !found.begun.has(name) && isNeeded(name))
  })
  return way === undefined
    ? { doubts: near.doubts, mayEnd: near.mayEnd || near.sure !== undefined }
    : { doubts: [], mayEnd: false, instead: { text: way.text, scanner: new ChatScanner(signature, way) } }
}

interface Way {
  readonly text: string
  readonly ignoresFences?: boolean
}

/** Knows which fields were begun, and whether something was wrong. */
class Found implements Sink {
  readonly begun = new Set<string>()
  hasIssue = false

  open(field: string): boolean {
    this.begun.add(field)
    return true
  }

  setNull(field: string): void {
    this.begun.add(field)
  }

  takeBack(): void {
    this.begun.clear()
    this.hasIssue = false
  }

  issue(): void {
    this.hasIssue = true
  }

  json(): undefined {}
  write(): void {}
  close(): void {}
}

/**
 * Tags of fields that are merely mentioned, as later tags of the same fields have shown.
 */
import { type Strength, weak } from "./tags.ts"

export class Mentions {
  /** Up to where tags of a field are mentions, unless they look as much like a beginning as the tag there. */
  readonly #until = new Map<string, { readonly until: number; readonly strength: Strength }>()
  /** Fields whose weak tags are mentions, because no end followed one. */
  readonly #unclosed = new Set<string>()

  /** Whether a tag of the field is a mention. */
  has(name: string, strength: Strength, position: number): boolean {
    if (strength === weak && this.#unclosed.has(name)) return true
    const found = this.#until.get(name)
    return found !== undefined && position < found.until && strength < found.strength
  }

  /** Takes a tag that looks more like a beginning than those before it. False where one as strong is known. */
  add(name: string, strength: Strength, position: number): boolean {
    if ((this.#until.get(name)?.strength ?? 0) >= strength) return false
    this.#until.set(name, { until: position, strength })
    return true
  }

  addUnclosed(name: string): void {
    this.#unclosed.add(name)
  }

  isUnclosed(name: string): boolean {
    return this.#unclosed.has(name)
  }

  clear(): void {
    this.#until.clear()
    this.#unclosed.clear()
  }
}

/**
 * Partial values: the JSON value of a field, as far as it has arrived.
 *
 * A string is as long as it has come; an array has the items so far, of which the last may be partial; an object has
 * the keys whose values have begun. Numbers, booleans and null appear when they are whole, since a part of one is
 * another one. What is around a value that is no JSON, such as a code fence, is tolerated as the adapters tolerate it.
 */
import { slotsPerCharacter } from "./internal/values/builder.ts"
import { JsonReader } from "./internal/values/reader.ts"

// Models

/** Reads one value while it arrives. */
export interface PartialJson {
  /**
   * Takes the next text. A snapshot of the value, which never changes afterwards and shares what is finished with those
   * before it; undefined where nothing new is to be seen, or where the last snapshot is too near to pay for this one.
   */
  readonly push: (text: string) => unknown
  /** The last snapshot: the whole value, or what came of it; undefined if nothing did. */
  readonly end: () => unknown
}

// Constructors

/**
 * A reader for one value.
 *
 * A snapshot copies the containers that are still open. It is made only when the characters since the last one pay for
 * the copy, eight slots for each: so the cost of all of them is linear in the text, and an array of a thousand numbers
 * is shown every hundred characters or so.
 *
 * @example
 * const partial = PartialJson.make()
 * partial.push(`{"name": "Ad`) // => { name: "Ad" }
 * partial.push(`a", "born": 18`) // => { name: "Ada" }
 * partial.push(`15}`) // => { name: "Ada", born: 1815 }
 */
export const make = (): PartialJson => {
  const reader = new JsonReader()
  let unspent = 0
  return {
    push: (text) => {
      reader.push(text)
      unspent += text.length
      if (!reader.value.changed || reader.value.cost > unspent * slotsPerCharacter) return undefined
      unspent = 0
      return reader.value.snapshot()
    },
    end: () => {
      reader.end()
      return reader.value.snapshot()
    }
  }
}

/**
 * The object or array that a text says, if the whole of it is there and no other follows it; undefined otherwise. What is around it and what is not
 * quite JSON is tolerated as the adapters tolerate it.
 *
 * @example
 * PartialJson.whole("{city: 'Paris', days: 3,}") // => { city: "Paris", days: 3 }
 */
export const whole = (text: string): object | undefined => {
  const reader = new JsonReader()
  reader.push(text)
  // What has another one behind it says two things.
  return /[{[]/.test(reader.rest) ? undefined : reader.endContainer()
}

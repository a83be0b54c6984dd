/**
 * From what a model wrote to what it meant. The result has the form that a target wants, where there is only one way to give
 * the JSON that form. Else the JSON stays as it is, and the field's schema says what is wrong with it.
 */
import { canHold, isConstant, isNothingWord, number, scalar } from "../../../text/json/word.ts"
import type { Target } from "./target.ts"
import { booleanIn, isNothing, literalIn, numberIn, undecorated } from "./words.ts"

/** Reads an object or array that stands in a text; undefined where none does. */
export type ReadText = (text: string, target: Target) => unknown

/** Whether any string may stand there. Then each is meant to the letter. */
export const takesText = ({ canonical, isText }: Target): boolean => isText && canonical === undefined

/** A number, a constant or text without quotes. */
export const ofWord = (word: string, target: Target, read: ReadText): unknown => {
  if (target.isAny || target.isSeveral) return scalar(word)
  if (number.test(word)) {
    const value = Number(word)
    if (target.literals.includes(value)) return value
    if (target.literals.includes(word)) return word
    if (target.isNumber && canHold(word, target.isInteger)) return value
    if (target.isText || target.isNumber) return ofString(word, target, read)
    return ofValue(value, target, read)
  }
  if (isConstant(word)) {
    const value = scalar(word)
    if (target.isText && typeof value === "boolean" && !target.isBoolean && !target.literals.includes(value)) {
      return word
    }
    return ofValue(value, target, read)
  }
  return target.isNull && isNothingWord(word) && !target.literals.includes(word) ? null : ofString(word, target, read)
}

/** A string. */
export const ofString = (text: string, target: Target, read: ReadText): unknown => {
  if (target.isAny || target.isSeveral) return text
  const canonical = canonicalOf(text, target)
  if (canonical !== undefined) return canonical
  if (target.isText && !target.literals.includes(text)) return text
  if (target.literals.length > 0) {
    const literal = literalIn(text, target.literals)
    if (literal !== undefined) return literal
  }
  if (target.isNull && isNothing(undecorated(text))) return null
  if (target.isBoolean) {
    const truth = booleanIn(text)
    if (truth !== undefined) return truth
  }
  if (target.isNumber || target.literals.some((literal) => typeof literal === "number")) {
    const value = numberIn(text, target.isInteger)
    if (value !== undefined && (target.isNumber || target.literals.includes(value))) return value
  }
  return (target.object ?? target.array) === undefined ? text : read(text, target) ?? text
}

/**
 * The JSON of the value that the schema makes of a text, such as a date. Undefined where the schema keeps texts as they are,
 * or the text does not say such a value.
 */
export const canonicalOf = (text: string, { canonical }: Target): unknown =>
  canonical?.(text) ?? canonical?.(text.trim())

/** Any JSON. */
export const ofValue = (json: unknown, target: Target, read: ReadText): unknown => {
  if (target.isAny || target.isSeveral || json === null) return json
  if (typeof json === "string") return ofString(json, target, read)
  if (typeof json !== "object") return ofScalar(json, target, read)
  return Array.isArray(json) ? ofArray(json, target, read) : ofObject(json, target, read)
}

const ofScalar = (json: unknown, target: Target, read: ReadText): unknown => {
  const fits = typeof json === "number" ? target.isNumber : target.isBoolean
  if (fits || isLiteral(json, target)) return json
  if (target.isText) return ofString(String(json), target, read)
  return asOnly(json, target, read) ?? json
}

const ofArray = (json: ReadonlyArray<unknown>, target: Target, read: ReadText): unknown => {
  const { array, literals, object } = target
  if (array !== undefined) return json.map((item, index) => ofValue(item, array.at(index), read))
  return json.length === 1 && (object !== undefined || literals.length > 0) ? ofValue(json[0], target, read) : json
}

const ofObject = (json: object, target: Target, read: ReadText): unknown => {
  const { object } = target
  const entries = Object.entries(json)
  if (object !== undefined) {
    if (object.isOpen || entries.length === 0 || entries.some(([key]) => object.resolve(key) !== undefined)) {
      return record(entries.flatMap(([key, value]) => {
        const name = object.resolve(key) ?? key
        const made = ofValue(value, object.at(name), read)
        return made === null && object.mayLack(name) ? [] : [[name, made] as const]
      }))
    }
    const [only] = entries
    return entries.length === 1 && typeof only![1] === "object" ? ofValue(only![1], target, read) : json
  }
  if (target.array !== undefined) {
    return asOnly(json, target, read) ??
      (entries.length === 1 && Array.isArray(entries[0]![1]) ? ofValue(entries[0]![1], target, read) : json)
  }
  const inner = wrapped(entries)
  return inner === undefined || typeof inner === "object" ? json : ofValue(inner, target, read)
}

/** One item where a list was asked for: an object with the item's keys, a scalar that is one. */
const asOnly = (json: unknown, { array }: Target, read: ReadText): ReadonlyArray<unknown> | undefined => {
  const item = array?.at(0)
  if (item === undefined || item.isAny || item.isSeveral) return undefined
  if (typeof json === "object" && json !== null) {
    const { object } = item
    return object !== undefined && !object.isOpen && Object.keys(json).some((key) => object.resolve(key) !== undefined)
      ? [ofValue(json, item, read)]
      : undefined
  }
  return fits(json, item) ? [json] : undefined
}

/** Whether the value is one of the few that are asked for. */
const isLiteral = (json: unknown, { literals }: Target): boolean => literals.some((literal) => literal === json)

const fits = (json: unknown, target: Target): boolean =>
  isLiteral(json, target) ||
  (typeof json === "number" ? target.isNumber : typeof json === "boolean" ? target.isBoolean : false)

/** The value in an object that is nothing but its wrapping: `{"value": 3}`, also beside its type or description. */
export const wrapped = (entries: ReadonlyArray<readonly [string, unknown]>): unknown => {
  if (entries.length === 1) return denies.test(entries[0]![0]) ? undefined : entries[0]![1]
  const value = entries.find(([key]) => key === "value")
  return entries.every(([key]) => key === "value" || about.has(key)) ? value?.[1] : undefined
}

/** Keys under which a value stands that was not meant. */
export const denies =
  /^(?:not?|non|never|rejected?|excluded?|wrong|incorrect|false|unlikely|considered|alternatives?|previous|old|examples?)\b/i

const about: ReadonlySet<string> = new Set(["type", "title", "description"])

/** An object whose keys were chosen by a model: its own, whatever they are called. */
const record = (entries: ReadonlyArray<readonly [string, unknown]>): object => Object.fromEntries(entries)

/**
 * The kinds of values that functions take, each in words for a sentence about another one that was given in its place.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { isRecord, type JsonRecord } from "./json/values.ts"
import { kindOf, shown } from "./kind.ts"
import * as Numbers from "./numbers.ts"

// Models

/** Looks at a value that is called `what`; throws a `TypeError` that says what it has to be if it is something else. */
export type Kind = (what: string, value: unknown) => unknown

// Guards

/**
 * An object that has its content by names, of a class of somebody's too; but no list, and nothing that is run or awaited. What
 * keeps its content elsewhere, as a `Map`, `Headers` or a `Date` does, would pass for an object without any.
 */
export const isObject = (value: unknown): value is JsonRecord =>
  isRecord(value) &&
  (isPlain(value) || !(Predicate.isPromiseLike(value) || Effect.isEffect(value) || keepsElsewhere(value)))

/** An object that was written as one, and is no instance of a class. */
export const isPlain = (object: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(object)
  return proto === Object.prototype || proto === null
}

/** What to write for an object by names where a value was given that has entries, as a `Map` has; nothing for any other. */
export const ofEntries = (value: unknown): string =>
  isRecord(value) && typeof value["entries"] === "function" && !("add" in value) && !ArrayBuffer.isView(value)
    ? "; write Object.fromEntries(...) to make one of it"
    : ""

// Constructors

/** The values of which a guard is true; `words` say what they are, and how one is written. */
export const make = (words: string, is: (value: unknown) => boolean): Kind => (what, value) => {
  if (!is(value)) throw new TypeError(`${what} is ${kindOf(value)}: it is ${words}`)
}

/** Objects by names; `words` say of what. */
export const objectOf = (words: string): Kind => (what, value) => {
  if (!isObject(value)) throw new TypeError(`${what} is ${kindOf(value)}: it is ${words}${ofEntries(value)}`)
}

/** One of a few texts. */
export const oneOf = (...texts: ReadonlyArray<string>): Kind => {
  const quoted = texts.map((text) => JSON.stringify(text))
  const words = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`
  return (what, value) => {
    if (!texts.some((text) => text === value)) throw new TypeError(`${what} is ${shown(value)}: it is ${words}`)
  }
}

/** A list; `words` say of what. */
export const list = (words: string): Kind => make(`a list of ${words}`, Array.isArray)

/** A list whose members are of the kind; `words` say of what. */
export const listOf = (words: string, member: Kind): Kind => {
  const isList = list(words)
  return (what, value) => {
    isList(what, value)
    for (const [index, one] of (value as ReadonlyArray<unknown>).entries()) member(within(what, `[${index}]`), one)
  }
}

/** An object whose members are of the kind, under any names. A member may be `undefined` only where the kind is {@link optional}. */
export const recordOf = (words: string, member: Kind): Kind => {
  const record = objectOf(words)
  return (what, value) => {
    record(what, value)
    for (const [name, one] of Object.entries(value as object)) member(within(what, `.${name}`), one)
  }
}

/** How many, `least` or more. */
export const countFrom = (least: number): Kind => (what, value) => Numbers.count(what, value, least)

/** A whole number, `least` or more. */
export const wholeFrom = (least: number): Kind => (what, value) => Numbers.whole(what, value, least)

/** A whole number, of whatever sign. */
export const whole: Kind = (what, value) => Numbers.whole(what, value)

/** A number between two others. */
export const between = (least: number, most: number): Kind => (what, value) => Numbers.within(what, value, least, most)

/** This kind, or exactly that value. */
export const or = (kind: Kind, other: unknown): Kind => (what, value) => {
  if (value !== other) kind(what, value)
}

/** Several values, one after the other; `words` say of what. A text is one value, and not its characters. */
export const iterable = (words: string): Kind =>
  make(words, (value) => Predicate.isIterable(value) && !Predicate.isString(value))

// Combinators

/** An argument that may be left out; an option may be anyway. */
export const optional = (kind: Kind): Kind => or(kind, undefined)

/** An option that cannot be left out; an argument cannot be anyway. */
export const needed = (kind: Kind): Kind =>
  Object.assign((what: string, value: unknown) => kind(what, value), { needed: true })

/** Whether an option cannot be left out. */
export const isNeeded = (kind: Kind): boolean => "needed" in kind

// Kinds

export const text: Kind = make("a string", Predicate.isString)

export const number: Kind = make("a number", Predicate.isNumber)

export const flag: Kind = make("true or false", Predicate.isBoolean)

export const texts: Kind = listOf("strings", text)

export const object: Kind = objectOf("an object")

/** A function, in words that say of what. */
export const fn = (words = "a function"): Kind => make(words, Predicate.isFunction)

/** How many at the same time. */
export const concurrency: Kind = or(countFrom(1), "unbounded")

/** How long to wait. */
export const wait: Kind = Numbers.wait

/** A time limit. */
export const time: Kind = Numbers.time

/** A program of ours. The text room is below the one where they are made, so it knows them by their mark alone. */
export const program: Kind = make(
  "a program, as Predict.make(\"question -> answer\") gives one",
  isProgram
)

/** A signature, known by its mark like {@link program}. */
export const signature: Kind = make(
  "a signature, as Signature.make(\"question -> answer\") gives one",
  (value) => Predicate.hasProperty(value, "~effect-lm/signature/Signature")
)

/** A program calls for inputs before it is one: that is the usual mistake. */
export const effect: Kind = (what, value) => {
  if (Effect.isEffect(value)) return
  const call = isProgram(value) ? "; call the program, as in qa({ question })" : ""
  throw new TypeError(`${what} is ${kindOf(value)}: it is an Effect${call}`)
}

/** A layer. A function that makes one is the usual mistake. */
export const layer: Kind = (what, value) => {
  if (Layer.isLayer(value)) return
  const call = typeof value === "function" ? "; call the function that makes it" : ""
  throw new TypeError(`${what} is ${kindOf(value)}: it is a layer, as OpenAI.layerConfig is one${call}`)
}

// Details

/** Classes of the language and the platform name themselves in a tag; they have nothing by names. */
function keepsElsewhere(object: object): boolean {
  return Symbol.iterator in object || Redacted.isRedacted(object) ||
    (Object.prototype.toString.call(object) !== "[object Object]" && Object.keys(object).length === 0)
}

function isProgram(value: unknown): boolean {
  return typeof value === "function" && Object.hasOwn(value, "~effect-lm/module/Module")
}

/** A place in what is called `` `stop` ``: `` `stop[0]` ``. */
const within = (what: string, place: string): string => what.replace(/`?$/, (end) => `${place}${end}`)

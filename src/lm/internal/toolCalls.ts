/**
 * Which tool call a streamed fragment belongs to, and what is new in it.
 *
 * The protocol says: by `index`, with `id` and name in the first fragment only. Servers leave the index out, give every
 * call index 0, give every fragment a new index and id, or repeat the name each time, so a fragment without a name never
 * opens a call, and one with a name opens one unless it clearly continues another.
 *
 * Arguments follow each other, or grow: each fragment holds all so far. Some servers send them whole once more at the end,
 * in a fragment or in a closing message. What was told before is not told again.
 */
import * as Result from "effect/Result"
import { asString, isRecord, parse } from "./json.ts"
import { JsonExtent } from "./jsonExtent.ts"
import { Told } from "./told.ts"

/** One call of a completion, as known so far. `place` counts the calls in the order in which they began. */
export interface OpenCall {
  readonly place: number
  id: string
  name: string
  /** The arguments so far. */
  readonly told: Told
  /** Whether fragments hold all so far. */
  grows: boolean
  /** Reads the arguments along, to know when they are whole. */
  readonly extent: JsonExtent
  /** The arguments in one spelling, once that was asked for; empty where more came after their end. */
  canonical: string | undefined
}

/** What one fragment adds to its call. */
export interface Fragment {
  readonly call: OpenCall
  readonly argumentsDelta: string
}

/** Sorts the fragments of one completion. */
export interface ToolCalls {
  /** Takes the fragments of one chunk; `whole` where each of them is all of a call. Returns those that say something new. */
  readonly push: (fragments: ReadonlyArray<unknown>, whole: boolean) => ReadonlyArray<Fragment>
}

export const make = (): ToolCalls => {
  const calls: Array<OpenCall> = []
  const byIndex = new Map<number, OpenCall>()
  const byId = new Map<string, OpenCall>()

  const open = (): OpenCall => {
    const call: OpenCall = {
      place: calls.length,
      id: "",
      name: "",
      told: new Told(),
      grows: false,
      extent: new JsonExtent(),
      canonical: undefined
    }
    calls.push(call)
    return call
  }

  const find = (said: Said, position: number | undefined): OpenCall | undefined => {
    const { id, index, name } = said
    const last = calls.at(-1)
    const known = index !== undefined ? byIndex.get(index) : id !== "" ? byId.get(id) : undefined
    if (name === "") return known ?? (position === undefined ? undefined : calls[position]) ?? last
    if (known !== undefined) {
      if (id !== "" && known.id !== "") return id === known.id ? known : undefined
      return known.extent.whole() && !repeats(known, said.text) ? undefined : known
    }
    if (index !== undefined || id !== "" || last?.name !== name) return undefined
    // The same arguments in one piece twice are two calls.
    return !last.extent.whole() || (last.told.count() > 1 && repeats(last, said.text)) ? last : undefined
  }

  /** The call that was streamed before, where a message repeats it whole: calls from `end` on are the message's own. */
  const streamed = ({ id, name }: Said, position: number, end: number): OpenCall | undefined => {
    const place = calls[position]
    const known = place !== undefined && (id === "" || place.id === "" || place.id === id) ? place : byId.get(id)
    return known !== undefined && known.place < end && (name === "" || known.name === name) ? known : undefined
  }

  return {
    push: (fragments, whole) => {
      const news: Array<Fragment> = []
      const end = calls.length
      let position = -1
      for (const fragment of fragments) {
        if (!isRecord(fragment)) continue
        position++
        const said = read(fragment)
        const { id, index, name, text } = said
        const place = index === undefined && id === "" && fragments.length > 1 ? position : undefined
        let call = whole ? streamed(said, position, end) : find(said, place)
        const begins = call === undefined
        if (call === undefined) {
          // Some servers send an empty call beside every answer.
          if (id === "" && name === "" && (text === "" || (whole && text === "{}"))) continue
          call = open()
        }
        if (index !== undefined) byIndex.set(index, call)
        const told = !begins && (id === "" || call.id !== "") && (name === "" || call.name !== "")
        // The name that opened a call stays, and so does its id: later ones are another server's bookkeeping.
        if (call.id === "" && id !== "") {
          call.id = id
          byId.set(id, call)
        }
        if (call.name === "") call.name = name
        const argumentsDelta = beyond(call, text) ?? (whole && call.told.count() > 0 ? "" : text)
        if (told && argumentsDelta === "") continue
        if (call.extent.whole()) call.canonical = ""
        if (argumentsDelta !== "") {
          call.told.add(argumentsDelta)
          call.extent.push(argumentsDelta)
        }
        news.push({ call, argumentsDelta })
      }
      return news
    }
  }
}

/** What one fragment says of itself. */
interface Said {
  readonly index: number | undefined
  readonly id: string
  readonly name: string
  /** The arguments, or a part of them. */
  readonly text: string
}

const read = (fragment: Readonly<Record<string, unknown>>): Said => {
  const told = isRecord(fragment["function"])
    ? fragment["function"]
    : isRecord(fragment["custom"])
    ? fragment["custom"]
    : fragment
  return {
    index: typeof fragment["index"] === "number" ? fragment["index"] : undefined,
    id: asString(fragment["id"]),
    name: asString(told["name"]),
    text: argumentsText(told["arguments"] ?? told["input"])
  }
}

/** Arguments are JSON text; some servers send the object itself. */
const argumentsText = (value: unknown): string => isRecord(value) ? JSON.stringify(value) : asString(value)

/** What is new in arguments that repeat those of the call; `undefined` where they are no repetition, but go on. */
const beyond = (call: OpenCall, text: string): string | undefined => {
  // Text that goes on within an object cannot begin as the object does. Free text can.
  if (text === "" || !isObject(text)) return undefined
  // Where a value is to come, an object may begin that is like the one around it.
  if (!call.grows && call.extent.expectsValue()) return undefined
  const rest = call.told.beyond(text)
  call.grows ||= rest !== undefined
  return rest === undefined && repeats(call, text) ? "" : rest
}

/** Whether the text is all of the call's arguments once more, however it is spaced. */
const repeats = (call: OpenCall, text: string): boolean => {
  if (!call.extent.whole() || !isObject(text)) return false
  call.canonical ??= canonical(call.told.text())
  return call.canonical !== "" && canonical(text) === call.canonical
}

const isObject = (text: string): boolean => {
  const first = text.charCodeAt(0)
  return first === brace || (first <= 32 && text.trimStart().charCodeAt(0) === brace)
}

/** JSON in one spelling; empty for what is none. */
const canonical = (text: string): string => {
  const parsed = parse(text)
  return Result.isSuccess(parsed) ? JSON.stringify(parsed.success) : ""
}

const brace = 123

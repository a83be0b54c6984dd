/**
 * Which tool call a streamed fragment belongs to.
 *
 * The protocol says: by `index`, with `id` and name in the first fragment only. Servers leave the index out, give every
 * call index 0, give every fragment a new index and id, or repeat the name each time, so a fragment without a name never
 * opens a call, and one with a name opens one unless it clearly continues another.
 */
import { asString, isRecord } from "./json.ts"

/** One call of a completion, as known so far. `place` counts the calls in the order in which they began. */
export interface OpenCall {
  readonly place: number
  id: string
  name: string
  /** Reads the arguments along, to know when they are whole. */
  readonly extent: JsonExtent
}

/** What one fragment says of its call. */
export interface Fragment {
  readonly call: OpenCall
  readonly argumentsDelta: string
}

/** Sorts the fragments of one completion. */
export interface ToolCalls {
  /** Takes the fragments of one chunk; `whole` where each of them is a call of its own. */
  readonly push: (fragments: ReadonlyArray<unknown>, whole: boolean) => ReadonlyArray<Fragment>
}

export const make = (): ToolCalls => {
  const calls: Array<OpenCall> = []
  const byIndex = new Map<number, OpenCall>()
  const byId = new Map<string, OpenCall>()

  const open = (): OpenCall => {
    const call: OpenCall = { place: calls.length, id: "", name: "", extent: jsonExtent() }
    calls.push(call)
    return call
  }

  const find = (index: number | undefined, id: string, name: string, position: number | undefined): OpenCall => {
    const last = calls.at(-1)
    const known = index !== undefined ? byIndex.get(index) : id !== "" ? byId.get(id) : undefined
    if (name === "") return known ?? (position === undefined ? undefined : calls[position]) ?? last ?? open()
    if (known !== undefined) {
      const another = id !== "" && known.id !== "" ? id !== known.id : known.extent.whole()
      return another ? open() : known
    }
    const continued = index === undefined && id === "" && last?.name === name && !last.extent.whole()
    return continued ? last : open()
  }

  return {
    push: (fragments, whole) =>
      fragments.filter(isRecord).map((fragment, position) => {
        const told = isRecord(fragment["function"])
          ? fragment["function"]
          : isRecord(fragment["custom"])
          ? fragment["custom"]
          : fragment
        const index = typeof fragment["index"] === "number" ? fragment["index"] : undefined
        const id = asString(fragment["id"])
        const name = asString(told["name"])
        const place = index === undefined && id === "" && fragments.length > 1 ? position : undefined
        const call = whole ? open() : find(index, id, name, place)
        if (index !== undefined) byIndex.set(index, call)
        // The name that opened a call stays, and so does its id: later ones are another server's bookkeeping.
        if (call.id === "" && id !== "") {
          call.id = id
          byId.set(id, call)
        }
        if (call.name === "") call.name = name
        const argumentsDelta = argumentsText(told["arguments"] ?? told["input"])
        call.extent.push(argumentsDelta)
        return { call, argumentsDelta }
      })
  }
}

/** Arguments are JSON text; some servers send the object itself. */
const argumentsText = (value: unknown): string => isRecord(value) ? JSON.stringify(value) : asString(value)

interface JsonExtent {
  readonly push: (text: string) => void
  /** Whether an object has been opened, and every bracket closed. */
  readonly whole: () => boolean
}

const jsonExtent = (): JsonExtent => {
  let depth = 0
  let opened = false
  let quoted = false
  let escaped = false
  return {
    push: (text) => {
      for (let at = 0; at < text.length; at++) {
        const char = text[at]
        if (escaped) escaped = false
        else if (quoted) {
          if (char === "\\") escaped = true
          else if (char === "\"") quoted = false
        } else if (char === "\"") quoted = true
        else if (char === "{" || char === "[") {
          depth++
          opened = true
        } else if (char === "}" || char === "]") depth--
      }
    },
    whole: () => opened && depth <= 0
  }
}

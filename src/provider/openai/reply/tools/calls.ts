/**
 * Which tool call a streamed fragment belongs to, and what is new in it.
 *
 * The protocol says: by `index`, with `id` and name in the first fragment only. Servers leave the index out, give every
 * call index 0, give every fragment a new index and id, or repeat the name each time, so a fragment without a name never
 * opens a call, and one with a name opens one unless it clearly continues another. Names and ids may come in pieces, or
 * grow, as long as there are no arguments.
 *
 * The arguments of a call are one JSON object. Fragments follow each other, or grow: each holds all so far. Some servers
 * send the whole once more at the end, in fragments or in a closing message, or begin with an object that holds nothing yet.
 * What was told cannot be taken back, so what may be replaced is held back, and what would have to be is no call.
 */
import { JsonExtent } from "../../../../text/json/extent.ts"
import { isRecord, type JsonRecord } from "../../../../text/json/values.ts"
import { excerpt } from "../../../internal/excerpt.ts"
import { Told } from "../text/told.ts"
import { canonical, isObject, isPlaceholder, isWhole, nothing, overshoots } from "./argumentsText.ts"
import { read, type Said } from "./fragment.ts"

/** One call of a completion, as known so far. `place` counts the calls in the order in which they began. */
export interface OpenCall {
  readonly place: number
  id: string
  name: string
  /** What the provider has put beside it, such as Gemini's signature of the thought that led to it. */
  extraContent: JsonRecord | undefined
  /** Whether it was told of: an id alone is no call. */
  announced: boolean
  /** The arguments so far. */
  readonly told: Told
  /** Arguments that hold nothing, where nothing else was told: others may take their place. */
  held: string
  /** Whether fragments hold all so far. */
  grows: boolean
  /** Fragments that go on, or hold all so far: what follows tells. */
  fork: Fork | undefined
  /** Arguments that began anew after they had been whole. */
  replay: Replay | undefined
  /** Reads the arguments along, to know when they are whole. */
  readonly extent: JsonExtent
  /** The arguments in one spelling, once that was asked for; empty where more came after their end. */
  canonical: string | undefined
}

/** Two ways to read the same fragments. */
interface Fork {
  /** All of the arguments, if the fragments grow. */
  grown: string
  /** What follows the arguments told, if they go on. */
  readonly pieces: Array<string>
  /** Reads the arguments along as if they went on. */
  readonly extent: JsonExtent
}

interface Replay {
  text: string
  extent: JsonExtent
  /** What it began with. */
  readonly said: Said
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
  /** The completion is over: what was held back is all there is. */
  readonly end: () => ReadonlyArray<Fragment>
  /** Why the fragments make no calls, if they do not. */
  readonly problem: () => string | undefined
}

export const make = (): ToolCalls => {
  const calls: Array<OpenCall> = []
  const byIndex = new Map<number, OpenCall>()
  const byId = new Map<string, OpenCall>()
  /** Calls that became known beside the one that was pushed. */
  const others: Array<Fragment> = []
  let problem: string | undefined

  const open = (): OpenCall => {
    const call: OpenCall = {
      place: calls.length,
      id: "",
      name: "",
      extraContent: undefined,
      announced: false,
      told: new Told(),
      held: "",
      grows: false,
      fork: undefined,
      replay: undefined,
      extent: new JsonExtent(),
      canonical: undefined
    }
    calls.push(call)
    return call
  }

  const find = (said: Said, position: number | undefined): OpenCall | undefined => {
    const { id, index, name, text } = said
    const last = calls.at(-1)
    const known = index !== undefined ? byIndex.get(index) : id !== "" ? byId.get(id) : undefined
    if (name === "") return known ?? (position === undefined ? undefined : calls[position]) ?? last
    if (known !== undefined) {
      const sameId = id !== "" && id === known.id
      if (id !== "" && known.id !== "" && !sameId) return growsInto(known, said) ? known : undefined
      if (known.held !== "") return known.name === "" || name === known.name ? known : undefined
      if (!known.extent.whole() || known.replay !== undefined) return known
      if (sameId) return isWhole(text) && !isPlaceholder(text) && !repeats(known, text) ? undefined : known
      return name === known.name && isObject(text) && (!isWhole(text) || repeats(known, text)) ? known : undefined
    }
    if (index !== undefined || id !== "" || last?.name !== name || last.held !== "") return undefined
    // The same arguments in one piece twice are two calls.
    return !last.extent.whole() || (last.told.count() > 1 && repeats(last, text)) ? last : undefined
  }

  /** The call that was streamed before, where a message repeats it whole: calls from `end` on are the message's own. */
  const streamed = ({ id, name }: Said, position: number, end: number): OpenCall | undefined => {
    const place = calls[position]
    const known = place !== undefined && (id === "" || place.id === "" || place.id === id) ? place : byId.get(id)
    return known !== undefined && known.place < end && (name === "" || known.name === name) ? known : undefined
  }

  /** Takes what a fragment says of the id and the name; tells whether that is new. */
  const identify = (call: OpenCall, { id, index, name, text }: Said): boolean => {
    const { id: idBefore, name: nameBefore } = call
    // Once there are arguments, others are another server's bookkeeping.
    const bare = index !== undefined && isBare(call)
    if (call.name === "") call.name = name
    else if (bare && name !== call.name) call.name = name.startsWith(call.name) ? name : call.name + name
    if (call.id === "") call.id = id
    else if (bare && id !== call.id && id !== "" && text === "") {
      call.id = id.startsWith(call.id) ? id : name === "" ? call.id + id : call.id
    }
    if (call.id !== idBefore) byId.set(call.id, call)
    return call.id !== idBefore || call.name !== nameBefore
  }

  const tell = (call: OpenCall, text: string): string => {
    if (text === "") return ""
    if (call.extent.whole()) call.canonical = ""
    call.told.add(text)
    call.extent.push(text)
    return text
  }

  const fails = (call: OpenCall, text: string): string => {
    problem ??= `what the provider sent could not be read as a tool call: the arguments of ${
      call.name === "" ? "a call" : call.name
    } begin anew, and are others: ${excerpt(text)}`
    return ""
  }

  /** Takes the arguments of a fragment; returns what is new in them. */
  const take = (call: OpenCall, said: Said, whole: boolean): string => {
    const { text } = said
    if (text === "") return ""
    if (said.free) return tell(call, whole && call.told.count() > 0 ? call.told.beyond(text) ?? "" : text)
    if (call.fork !== undefined) return choose(call, call.fork, said, whole)
    if (call.told.count() === 0) return begin(call, text, whole)
    if (call.replay !== undefined) return again(call, call.replay, text)
    const begins = isObject(text)
    if (call.extent.whole()) {
      if (whole || isPlaceholder(text) || (begins && repeats(call, text))) return ""
      if (!begins) return tell(call, text)
      const replay = { text: "", extent: new JsonExtent(), said }
      call.replay = replay
      return again(call, replay, text)
    }
    if (!begins) return whole ? "" : tell(call, text)
    const rest = call.told.beyond(text)
    if (rest !== undefined) {
      if (whole || call.grows || !call.extent.expectsValue()) {
        call.grows = true
        return tell(call, rest)
      }
      // Where a value is to come, an object may begin that is like the one around it.
      if (!overshoots(text)) {
        const fork: Fork = { grown: text, pieces: [text], extent: new JsonExtent() }
        fork.extent.push(call.told.text())
        fork.extent.push(text)
        call.fork = fork
        return ""
      }
    }
    if (whole || (!call.extent.takesBrace() && isWhole(text))) return fails(call, text)
    return tell(call, text)
  }

  const begin = (call: OpenCall, text: string, whole: boolean): string => {
    const { held } = call
    if (isPlaceholder(text)) {
      if (whole) {
        call.held = ""
        return tell(call, isObject(text) ? text : nothing)
      }
      if (held === "" || isObject(text)) call.held = text
      return ""
    }
    if (held !== "" && text.trim() === "") return ""
    call.held = ""
    return tell(call, isObject(text) || !isObject(held) ? text : held + text)
  }

  /** Reads fragments in both ways, until one way turns out to be wrong. */
  const choose = (call: OpenCall, fork: Fork, said: Said, whole: boolean): string => {
    const { text } = said
    if (isObject(text) && text.startsWith(fork.grown) && !overshoots(text)) {
      if (!whole && fork.extent.takesBrace()) {
        fork.grown = text
        fork.pieces.push(text)
        fork.extent.push(text)
        return ""
      }
      call.fork = undefined
      call.grows = true
      return tell(call, call.told.beyond(text) ?? "")
    }
    if (whole || text.trim() === "") return whole ? settle(call, fork) : ""
    call.fork = undefined
    return tell(call, fork.pieces.join("")) + take(call, said, false)
  }

  /** Nothing follows: of the two, the one that is whole. */
  const settle = (call: OpenCall, fork: Fork): string => {
    call.fork = undefined
    const grown = !fork.extent.whole() && isWhole(fork.grown)
    return tell(call, grown ? call.told.beyond(fork.grown) ?? "" : fork.pieces.join(""))
  }

  /** Arguments that were whole come once more. */
  const again = (call: OpenCall, replay: Replay, text: string): string => {
    if (isObject(text) && text.length >= replay.text.length && text.startsWith(replay.text)) {
      replay.text = text
      replay.extent = new JsonExtent()
    } else replay.text += text
    replay.extent.push(text)
    if (!replay.extent.whole()) return ""
    call.replay = undefined
    if (repeats(call, replay.text)) return ""
    return replay.said.name === "" ? fails(call, replay.text) : apart(replay)
  }

  /** They are those of a call of its own, which is told after this one. */
  const apart = ({ said, text }: Replay): string => {
    const call = open()
    call.announced = true
    call.id = said.id
    call.name = said.name
    if (said.index !== undefined) byIndex.set(said.index, call)
    others.push({ call, argumentsDelta: tell(call, text) })
    return ""
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
        // Some servers send an empty call beside every answer, and some give it an id.
        const empty = name === "" && (text === "" || isPlaceholder(text))
        if (call === undefined) {
          if (empty && (whole || (id === "" && text === ""))) continue
          call = open()
        }
        if (index !== undefined) byIndex.set(index, call)
        const { extra_content: extra } = fragment
        const isExtra = isRecord(extra) && call.extraContent === undefined
        if (isExtra) call.extraContent = extra
        const identified = identify(call, said) || isExtra
        const argumentsDelta = take(call, said, whole)
        const announces = !call.announced && (call.name !== "" || call.told.count() > 0)
        call.announced ||= announces
        if (announces || (call.announced && identified) || argumentsDelta !== "") news.push({ call, argumentsDelta })
        news.push(...others.splice(0))
      }
      return news
    },
    end: () => {
      const news: Array<Fragment> = []
      for (const call of calls) {
        let argumentsDelta = ""
        if (call.fork !== undefined) argumentsDelta = settle(call, call.fork)
        else if (call.held !== "" && call.announced) {
          argumentsDelta = tell(call, isObject(call.held) ? call.held : nothing)
          call.held = ""
        }
        if (argumentsDelta !== "") news.push({ call, argumentsDelta })
        const { replay } = call
        call.replay = undefined
        if (replay === undefined || call.told.text().startsWith(replay.text)) continue
        if (replay.said.name === "") fails(call, replay.text)
        else apart(replay)
      }
      news.push(...others.splice(0))
      return news
    },
    problem: () => problem
  }
}

/** Whether nothing is known of the call's arguments. */
const isBare = (call: OpenCall): boolean => call.told.count() === 0 && call.held === ""

/** Whether the fragment is the call's own, whose id and name were not all there. */
const growsInto = (call: OpenCall, { id, name, text }: Said): boolean =>
  isBare(call) && text === "" && id.startsWith(call.id) && name.length > call.name.length && name.startsWith(call.name)

/** Whether the text is all of the call's arguments once more, however it is spaced and ordered. */
const repeats = (call: OpenCall, text: string): boolean => {
  if (!call.extent.whole() || !isObject(text)) return false
  call.canonical ??= canonical(call.told.text())
  return call.canonical !== "" && canonical(text) === call.canonical
}

/**
 * What listeners hear of one run: which calls they follow, which text these show, and which of that text has to be taken back.
 */
import type { Signatures } from "../../module/Module.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { FieldDelta, PartialValue, Retraction, RunEvent } from "../../run/RunEvent.ts"
import type { Retracted } from "../StreamEvent.ts"
import { resolve, type StreamListener } from "../StreamListener.ts"
import { type Heard, reasonOf, retracted, toHeard } from "./projection.ts"

/** One run's hearing. */
export interface Hearing {
  readonly interest: (call: Call) => Interest | undefined
  readonly heard: (events: ReadonlyArray<RunEvent>) => ReadonlyArray<Heard>
}

/** Resolves listeners once per program; each call of the result is one run's hearing. */
export const hearing = (
  signatures: Signatures,
  listeners: ReadonlyArray<StreamListener>,
  completions: Completions
): () => Hearing => {
  if (listeners.length === 0) {
    return () =>
      listen(
        { follow: () => everything, begin: () => {}, leave: () => {} },
        completions
      )
  }
  const byPath = new Map<string, Array<StreamListener>>()
  for (const listener of listeners) {
    const path = resolve(signatures, listener)
    byPath.set(path, [...(byPath.get(path) ?? []), listener])
  }
  return () => {
    /** The call of each path that listeners without reuse have followed. */
    const firsts = new Map<string, Call>()
    return listen({
      follow: (call) => {
        const { path } = call
        const all = byPath.get(path)
        if (all === undefined) return undefined
        const before = firsts.get(path)
        const isFirst = before === undefined || before.id === call.id || isOtherAttempt(before, call)
        const following = isFirst ? all : all.filter((listener) => listener.allowReuse)
        return following.length === 0 ? undefined : interestOf(following)
      },
      begin: (call) => {
        if (!firsts.has(call.path)) firsts.set(call.path, call)
      },
      leave: ({ id, path }) => {
        if (firsts.get(path)?.id === id) firsts.delete(path)
      }
    }, completions)
  }
}

/** Whether two calls are part of different attempts at one thing: of these all but one will be discarded. */
const isOtherAttempt = (before: Call, call: Call): boolean =>
  before.attempt !== undefined && before.attempt.of === call.attempt?.of && before.attempt.id !== call.attempt.id

const everything: Interest = { text: () => true, partial: () => false, toolCalls: true }

const interestOf = (listeners: ReadonlyArray<StreamListener>): Interest => {
  const text = new Set<string>()
  const partial = new Set<string>()
  for (const { partial: values, signatureFieldName } of listeners) (values ? partial : text).add(signatureFieldName)
  return { text: (field) => text.has(field), partial: (field) => partial.has(field), toolCalls: true }
}

/** Which completions are heard where a call asks for several: the first one alone, or all of them. */
type Completions = "first" | "all"

/** Which calls are followed. A call that was left does not count: the next of its path may be followed in its place. */
interface Choice {
  readonly follow: (call: Call) => Interest | undefined
  /** A call that is followed has begun. */
  readonly begin: (call: Call) => void
  readonly leave: (call: Call) => void
}

/** A predictor call that is followed, and what it has shown in its latest attempt. */
interface Followed {
  readonly call: Call
  readonly interest: Interest
  attempt: number
  /** The fields of each completion. */
  readonly shown: Map<number, Set<string>>
  /** Its request has failed or was interrupted: what it still says are the ends of its fields. */
  isEnding: boolean
}

const listen = ({ begin, follow, leave }: Choice, completions: Completions): Hearing => {
  /** The calls that have begun and are not over. A call may be asked for before it begins, and may never begin: see `Answering`. */
  const begun = new Set<number>()
  /** The calls whose text stands; those that are over may be taken back with a module that they were a part of. */
  const followed = new Map<number, Followed>()
  /** Retractions that are told once the run goes on. A run that fails instead keeps the text that it has shown. */
  let lost: Array<Retracted> = []

  const tellLost = (out: Array<Heard>): void => {
    if (lost.length === 0) return
    out.push(...lost)
    lost = []
  }

  const show = (out: Array<Heard>, from: Followed, event: FieldDelta | PartialValue): void => {
    if (!from.isEnding) tellLost(out)
    from.attempt = event.attempt
    let shown = from.shown.get(event.index)
    if (shown === undefined) from.shown.set(event.index, shown = new Set())
    shown.add(event.field)
    out.push(toHeard(event)!)
  }

  /** The predictor calls below a call that does not count, and the call itself, are left. */
  const lose = (left: Call, reason: string): void => {
    for (const [id, { attempt, call, shown }] of followed) {
      if (!isWithin(call, left)) continue
      followed.delete(id)
      leave(call)
      const fields = new Set<string>()
      for (const ofCompletion of shown.values()) for (const field of ofCompletion) fields.add(field)
      if (fields.size > 0) lost.push(retracted(call, attempt, [...fields], reason))
    }
  }

  const hear = (out: Array<Heard>, event: RunEvent): void => {
    if (completions === "first" && "index" in event && event.index !== undefined && event.index > 0) return
    switch (event._tag) {
      case "FieldDelta": {
        const from = followed.get(event.call.id)
        if (from?.interest.text(event.field) === true) show(out, from, event)
        return
      }
      case "PartialValue": {
        const from = followed.get(event.call.id)
        if (from?.interest.partial(event.field) === true) show(out, from, event)
        return
      }
      case "Retraction": {
        const from = followed.get(event.call.id)
        const fields = from === undefined ? [] : takeBack(from, event)
        if (fields.length > 0) out.push({ ...toHeard(event) as Retracted, fields })
        return
      }
      case "ToolCallDelta":
        if (followed.get(event.call.id)?.interest.toolCalls !== true) return
        break
      case "LMEnd": {
        const from = event.call.parent && followed.get(event.call.parent.id)
        if (from !== undefined && event.outcome._tag !== "Success") from.isEnding = true
        return
      }
      case "ModuleStart":
        begun.add(event.call.id)
        if (followed.delete(event.call.id)) start(event.call)
        return
      case "ModuleEnd":
        begun.delete(event.call.id)
        if (event.outcome._tag === "Failure") lose(event.call, reasonOf(event.outcome.error))
        else if (event.outcome._tag === "Interrupted") lose(event.call, "the call was interrupted")
        else if (event.call.parent === undefined) tellLost(out)
        return
      case "Discarded":
        lose(event.call, event.reason)
        tellLost(out)
        return
    }
    const heard = toHeard(event)
    if (heard !== undefined) out.push(heard)
  }

  const start = (call: Call): Interest | undefined => {
    const interest = follow(call)
    if (interest === undefined) return undefined
    if (begun.has(call.id)) begin(call)
    followed.set(call.id, { call, interest, attempt: 1, shown: new Map(), isEnding: false })
    return interest
  }

  return {
    interest: start,
    heard: (events) => {
      const out: Array<Heard> = []
      for (const event of events) hear(out, event)
      return out
    }
  }
}

/** The fields of a retraction that were shown here. Other observers may have been shown more of them. */
const takeBack = ({ shown }: Followed, { fields, index }: Retraction): ReadonlyArray<string> => {
  const of = index === undefined ? [...shown.keys()] : [index]
  const back = fields.filter((field) => of.some((completion) => shown.get(completion)?.has(field)))
  for (const completion of of) shown.delete(completion)
  return back
}

const isWithin = (call: Call, ancestor: Call): boolean => {
  for (let at: Call | undefined = call; at !== undefined; at = at.parent) if (at.id === ancestor.id) return true
  return false
}

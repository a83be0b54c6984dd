/**
 * One completion on its way: what its chunks say, turned into events.
 */
import * as LMError from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import * as Splitter from "../../../text/thoughts/splitter.ts"
import { excerpt } from "../../internal/excerpt.ts"
import { type Beside, beside } from "../request/body.ts"
import * as FinishReasons from "./finishReasons.ts"
import type { ChatMessage } from "./message.ts"
import { ReasoningDetails } from "./reasoningDetails.ts"
import { ToldText } from "./text/repeated.ts"
import * as ToolCalls from "./tools/calls.ts"

/** In which way a part of a completion has come. */
export interface How {
  /** It is a whole `message`, and no `delta`. */
  readonly isWhole: boolean
  /** The completion ends with it. */
  readonly isLast: boolean
}

const piece: How = { isWhole: false, isLast: false }

export class Completion {
  readonly index: number
  /** How it ended, as far as is known: if it goes on after that, that was no end. */
  ending: FinishReasons.Ending | undefined
  /** Whether anything of it was delivered. */
  #said = false
  /** Looks for reasoning in the text. Undefined once no reasoning can follow. */
  #think: Splitter.Splitter | undefined
  /** Whether the text held reasoning. */
  #thought = false
  readonly #text = new ToldText()
  readonly #reasoning = new ToldText()
  readonly #refusal = new ToldText()
  #reasoningField: string | undefined
  /** Whether anything came in a `delta`, and whether any words came without an end beside them. */
  #streamed = false
  #apart = false
  #calls: ToolCalls.ToolCalls | undefined
  /** The call that was told of first. */
  #called: ToolCalls.OpenCall | undefined
  #details: ReasoningDetails | undefined
  #unknown: unknown

  constructor(index: number, thinkTags: boolean) {
    this.index = index
    this.#think = thinkTags ? Splitter.make() : undefined
  }

  /** Whether anything of it was delivered. */
  get said(): boolean {
    return this.#said
  }

  /** Whether it ended apart from its words: servers that tell an end with every chunk may go on. */
  get endedApart(): boolean {
    return this.#apart && this.ending !== undefined
  }

  /** What the model said of why it refuses; empty where it does not. */
  get refusal(): string {
    return this.#refusal.text()
  }

  /** Takes a `delta`, or a whole `message`, which may repeat what came before it. */
  push(said: ChatMessage, how: How, events: Array<LMEvent>): void {
    const { isLast, isWhole } = how
    if (said.details.length > 0) {
      this.#details ??= new ReasoningDetails()
      this.#details.push(said.details, isWhole)
    }
    if (said.reasoningField !== undefined && !this.#reasoning.begun) this.#reasoningField = said.reasoningField
    // A message at the end leaves the tags out, and tells the same thought apart.
    if (said.reasoning !== "" && !(isWhole && this.#streamed && this.#thought && !this.#reasoning.begun)) {
      this.#pushReasoning(this.#take(this.#reasoning, said.reasoning, how), events)
    }
    if (said.text !== "") this.#pushText(this.#take(this.#text, said.text, how), events)
    if (said.refusal !== "") this.#take(this.#refusal, said.refusal, how)
    this.#unknown ??= said.unknown
    if (said.calls.length === 0) return
    if (!isLast) this.#apart = true
    this.#calls ??= ToolCalls.make()
    const calls = this.#calls.push(said.calls, isWhole)
    if (calls.length > 0) this.ending = undefined
    this.#pushCalls(calls, events)
  }

  /**
   * Takes a text that comes as the one before it did, in a `delta` without an end; `isUnmarked` where it is known to hold
   * nothing that a tag begins with.
   */
  pushText(text: string, events: Array<LMEvent>, isUnmarked: boolean): void {
    if (this.ending === undefined && this.#text.follows(text)) this.#pushText(text, events, isUnmarked)
    else this.#pushText(this.#take(this.#text, text, piece), events, isUnmarked)
  }

  /** Writes what was held back: nothing follows. */
  flush(events: Array<LMEvent>): void {
    this.#pushReasoning(this.#reasoning.end(), events)
    this.#pushText(this.#text.end(), events)
    this.#refusal.end()
    if (this.#think !== undefined) this.#endThought(this.#think, events)
    this.#pushCalls(this.#calls?.end() ?? [], events)
    this.#tellBeside(events)
  }

  /** Why it cannot be read, if it cannot. */
  problem(): LMError.Reason | undefined {
    const call = this.#calls?.problem()
    if (call !== undefined) return new LMError.InvalidResponse({ description: call })
    const text = this.#text.problem ?? this.#reasoning.problem ?? this.#refusal.problem
    return text === undefined ? undefined : new LMError.InvalidResponse({
      description: `the provider sent all of the text so far again and again, and then other text: ${excerpt(text)}`
    })
  }

  /** How it ended: servers announce tool calls and refusals as an ordinary stop. */
  result(): FinishReasons.Ending {
    const told = this.ending ?? "stop"
    if (!FinishReasons.isWhole(told)) return told
    if (this.#refusal.begun) return "refusal"
    if (this.#called !== undefined) return "tool-calls"
    if (this.#text.begun) return "stop"
    if (this.#unknown !== undefined) {
      return new LMError.InvalidResponse({
        description: `the provider's answer holds nothing but what is not known: ${
          excerpt(JSON.stringify(this.#unknown))
        }`
      })
    }
    return told === "stop" ? "stop" : new LMError.InvalidResponse({
      description: "the provider announced tool calls, and sent neither a tool call nor a text"
    })
  }

  /** Takes a text; returns what is new in it. */
  #take(told: ToldText, text: string, { isLast, isWhole }: How): string {
    if (!isWhole) this.#streamed = true
    if (!isLast) this.#apart = true
    const news = isWhole
      ? told.message(text, { isStreamed: this.#streamed, isLast })
      : told.next(text, isLast || this.ending !== undefined)
    if (news !== "" || told.isHolding) this.ending = undefined
    return news
  }

  #pushText(text: string, events: Array<LMEvent>, isUnmarked = false): void {
    if (text === "") return
    if (this.#think === undefined || this.#think.plain(text, isUnmarked)) {
      this.#said = true
      events.push({ _tag: "TextDelta", index: this.index, text })
      return
    }
    const stretches: Array<Splitter.Stretch> = []
    this.#think.push(text, stretches)
    if (this.#think.settled()) this.#think = undefined
    this.#pushStretches(stretches, events)
  }

  #pushReasoning(text: string, events: Array<LMEvent>): void {
    if (text === "") return
    // A server that tells the reasoning apart leaves no tags in the text.
    if (this.#think !== undefined) this.#endThought(this.#think, events)
    this.#said = true
    events.push({ _tag: "ReasoningDelta", index: this.index, text })
  }

  #pushCalls(fragments: ReadonlyArray<ToolCalls.Fragment>, events: Array<LMEvent>): void {
    for (const { argumentsDelta, call } of fragments) {
      const { extraContent, id, name, place } = call
      this.#said = true
      this.#called ??= call
      events.push({
        _tag: "ToolCallDelta",
        index: this.index,
        call: place,
        id,
        name,
        argumentsDelta,
        ...(extraContent !== undefined && { providerData: beside({ extraContent }) })
      })
    }
  }

  /** Tells the data that the provider wants back with the reasoning. It is sent back only beside tool calls. */
  #tellBeside(events: Array<LMEvent>): void {
    const reasoningField = this.#reasoningField
    if (this.#called === undefined || (reasoningField === undefined && this.#details === undefined)) return
    const data: Beside = {
      ...(reasoningField !== undefined && { reasoningField }),
      ...(this.#details !== undefined && { reasoningDetails: this.#details.end() })
    }
    events.push({ _tag: "ReasoningDelta", index: this.index, text: "", providerData: beside(data) })
  }

  #endThought(think: Splitter.Splitter, events: Array<LMEvent>): void {
    const stretches: Array<Splitter.Stretch> = []
    think.end(stretches)
    this.#think = undefined
    this.#pushStretches(stretches, events)
  }

  #pushStretches(stretches: ReadonlyArray<Splitter.Stretch>, events: Array<LMEvent>): void {
    const { index } = this
    for (const { reasoning, restart, text } of stretches) {
      this.#said = true
      this.#thought ||= reasoning
      events.push(
        restart ? { _tag: "ThoughtEnd", index } : { _tag: reasoning ? "ReasoningDelta" : "TextDelta", index, text }
      )
    }
  }
}

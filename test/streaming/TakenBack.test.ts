/** Laws 2 and 7 where a reply takes back what it began: a draft in a thought, an object and a corrected one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  JSONAdapter,
  type LMEvent,
  Predict,
  Prediction,
  type StreamEvent,
  Streaming,
  StreamListener,
  XMLAdapter
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const qa = Predict.make("question -> answer")
const reasoned = Predict.make("question -> reasoning, answer")

/** What comes, in short: text with its attempt and `|` at its end, what is taken back, the prediction. */
const story = (events: Iterable<Event>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let open = ""
  for (const event of events) {
    if (isText(event)) {
      const source = `${event.attempt} ${event.signatureFieldName}`
      if (open !== source) lines.push(`${source}: `)
      lines[lines.length - 1] += `${event.chunk}${event.isLastChunk ? "|" : ""}`
      open = source
    } else if (isPartial(event)) lines.push(JSON.stringify(event.value))
    else if (isRetracted(event)) {
      lines.push(`[${event.attempt} ${event.fields.join()}]`)
      open = ""
    } else if (Prediction.isPrediction(event)) lines.push(JSON.stringify(event))
  }
  return lines
}

type Event = { readonly _tag: string }
const isText = (event: Event): event is StreamEvent.StreamResponse => event._tag === "StreamResponse"
const isPartial = (event: Event): event is StreamEvent.PartialResponse => event._tag === "PartialResponse"
const isRetracted = (event: Event): event is StreamEvent.Retracted => event._tag === "Retracted"

const told = (reply: ScriptedLM.Reply, program: typeof qa | typeof reasoned = qa) =>
  Streaming.streamify(program as typeof qa)({ question: "?" }).pipe(
    Stream.runCollect,
    Effect.map(story),
    Effect.provide(ScriptedLM.layer([reply]))
  )

const inPieces = (text: string) => ScriptedLM.chunks(text.match(/[\s\S]{1,5}/g)!)

describe("a reply that takes back what it began", () => {
  it.effect("a draft in a thought of which only the end has a tag", () =>
    Effect.gen(function*() {
      const chat =
        "Let me see.\n[[ ## answer ## ]]\nLondon?\n</think>\n\n[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
      const xml = "<answer>London</answer>? No.\n</think>\n<answer>Paris</answer>"
      const json = `Maybe {"answer": "London"}? No.\n</think>\n\n{"answer": "Paris"}`
      const stories = [
        yield* told(inPieces(chat)),
        yield* told(inPieces(xml)).pipe(Effect.provide(XMLAdapter.layer)),
        yield* told(inPieces(json)).pipe(Effect.provide(JSONAdapter.layer))
      ]
      for (const lines of stories) {
        assert.match(lines[0]!, /^1 answer: London.*\|$/s)
        assert.deepStrictEqual(lines.slice(1), ["[1 answer]", "2 answer: Paris|", `{"answer":"Paris"}`])
      }
    }))

  it.effect("sections and corrected ones", () =>
    Effect.gen(function*() {
      const lines = yield* told(
        inPieces(
          "[[ ## reasoning ## ]]\nq\n\n[[ ## answer ## ]]\nLondon\n\n[[ ## completed ## ]]\n\nWait, correcting:\n\n" +
            "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
        ),
        reasoned
      )
      assert.deepStrictEqual(lines, [
        "1 reasoning: q|",
        "1 answer: London|",
        "[1 reasoning,answer]",
        "2 reasoning: r|",
        "2 answer: Paris|",
        `{"reasoning":"r","answer":"Paris"}`
      ])
    }))

  it.effect("what turns out to be a marker at the end of the reply", () =>
    Effect.gen(function*() {
      const noted = Predict.make("question -> answer, note: str | None")
      const reply = "[[ ## answer ## ]]\nParis\n\n[ ## note ## ]]\nn\n\n[[ ## completed ## ]]"
      const lines = yield* told(inPieces(reply), noted as unknown as typeof qa)
      assert.deepStrictEqual(lines.slice(1), [
        "[1 answer]",
        "2 answer: Paris|",
        "2 note: n|",
        `{"answer":"Paris","note":"n"}`
      ])
    }))

  it.effect("in one piece nothing was shown that would be taken back", () =>
    Effect.gen(function*() {
      const reply = ScriptedLM.text(`{"answer": "London"}\nNo, wait:\n{"answer": "Paris"}`)
      const lines = yield* told(reply).pipe(Effect.provide(JSONAdapter.layer))
      assert.strictEqual(lines.at(-1), `{"answer":"Paris"}`)
      assert.strictEqual(lines.at(-2)!.slice(2), "answer: Paris|")
    }))

  it.effect("text that turns out to be thinking becomes the reasoning", () =>
    Effect.gen(function*() {
      const reply = ScriptedLM.events([
        [{ _tag: "TextDelta", index: 0, text: "The user asks.\n[[ ## answer ## ]]\nLon" }],
        [{ _tag: "ThoughtEnd", index: 0 }],
        [{ _tag: "TextDelta", index: 0, text: "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]" }],
        [{ _tag: "Finish", index: 0, reason: "stop" }]
      ])
      const lines = yield* told(reply, reasoned)
      assert.deepStrictEqual(lines, [
        "1 answer: Lon|",
        "[1 answer]",
        "2 reasoning: The user asks.\n[[ ## answer ## ]]\nLon|",
        "2 answer: Paris|",
        JSON.stringify({ reasoning: "The user asks.\n[[ ## answer ## ]]\nLon", answer: "Paris" })
      ])
    }))

  it.effect("all of an answer that begins anew, from another attempt or another model", () =>
    Effect.gen(function*() {
      const begun = "[[ ## reasoning ## ]]\nq\n\n[[ ## answer ## ]]\nLon"
      const whole = "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
      const reads: ReadonlyArray<ReadonlyArray<LMEvent.LMEvent>> = [
        [{ _tag: "Restart" }],
        [{ _tag: "TextDelta", index: 0, text: begun }],
        [{ _tag: "Restart" }],
        [{ _tag: "TextDelta", index: 0, text: whole }],
        [{ _tag: "Finish", index: 0, reason: "stop" }]
      ]
      const lines = yield* told(ScriptedLM.events(reads), reasoned)
      assert.deepStrictEqual(lines, [
        "1 reasoning: q|",
        "1 answer: Lon|",
        "[1 reasoning,answer]",
        "2 reasoning: r|",
        "2 answer: Paris|",
        `{"reasoning":"r","answer":"Paris"}`
      ])
      const { answer } = yield* Effect.provide(
        reasoned({ question: "?" }),
        ScriptedLM.layer([ScriptedLM.events(reads)])
      )
      assert.strictEqual(answer, "Paris")
    }))

  it.effect("and the next request is an attempt after these, while a prediction counts requests", () =>
    Effect.gen(function*() {
      const n = Predict.make("question -> n: int")
      const lm = ScriptedLM.layer([
        inPieces(`{"n": 1}\nNo:\n{"n": "many"}`),
        ScriptedLM.text(`{"n": 3}`)
      ])
      const events = yield* Streaming.streamify(n)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([lm, JSONAdapter.layer])
      )
      assert.deepStrictEqual(story(events), [
        "1 n: 1|",
        "[1 n]",
        "2 n: \"many\"|",
        "[2 n]",
        "3 n: 3|",
        `{"n":3}`
      ])
      const [attempts] = [...events].flatMap((event) =>
        event._tag === "Prediction" ? [Prediction.details(event).attempts] : []
      )
      assert.strictEqual(attempts, 2)
    }))
})

describe("partial values of text that may be null", () => {
  it.effect("are the text so far, or null", () =>
    Effect.gen(function*() {
      const note = Predict.make("question -> note: str | None")
      const listened = Streaming.streamify(note, {
        streamListeners: [StreamListener.make({ signatureFieldName: "note", partial: true })]
      })
      const heard = (reply: ScriptedLM.Reply) =>
        listened({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.map(story),
          Effect.provide(ScriptedLM.layer([reply]))
        )
      assert.deepStrictEqual(yield* heard(ScriptedLM.chunks(["[[ ## note ## ]]\nIt is ", "\"so\""])), [
        `"It is"`,
        `"It is \\"so\\""`,
        `"It is \\"so\\""`,
        `{"note":"It is \\"so\\""}`
      ])
      assert.deepStrictEqual(yield* heard(ScriptedLM.chunks(["[[ ## note ## ]]\nNone"])), ["null", `{"note":null}`])
    }))
})

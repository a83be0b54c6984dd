/** An adapter from outside, with public imports only: it streams without knowing of parts, ends, values or errors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Schema, Stream } from "effect"
import { Adapter, ChatAdapter, CurrentAdapter, type Form, Predict, type Scanner, Signature, Streaming } from "effect-lm"
import { user } from "effect-lm/lm/LMRequest"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"
import { decode, decodeEverySplit, valuesOf } from "./support/decode.ts"

/** Replies as lines `name: value`; a line without a name goes on with the value. Keeps back no more than a line's first word. */
const lineScanner = (signature: Signature.Any): Scanner.Scanner => {
  const names = signature.outputFields.map((field) => field.name)
  let start = ""
  let atStart = true
  return {
    push: (text, sink) => {
      for (const char of text) {
        if (!atStart) {
          sink.write(char)
        } else if (char === ":" && names.includes(start)) {
          sink.open(start, { bare: true })
          start = ""
          atStart = false
        } else {
          start += char
          if (!names.some((name) => name.startsWith(start))) {
            sink.write(start)
            start = ""
            atStart = false
          }
        }
        if (char === "\n") atStart = true
      }
    },
    end: (sink) => sink.write(start)
  }
}

const LineAdapter = Adapter.make({
  name: "Line",
  format: ({ config, inputs, signature }) => ({
    messages: [
      user(
        `${signature.instructions}\n${JSON.stringify(inputs)}\n${
          signature.outputFields.map((field) => `${field.name}: ...`).join("\n")
        }`
      )
    ],
    config,
    responseFormat: { _tag: "Text" }
  }),
  scanner: lineScanner
})

const program = Predict.make("question -> title, points: list[int], answer")
const reply = "title: On tides\npoints: [1, 2]\nanswer: a moon\nand: a sea\nansweredly"

describe("an adapter from outside", () => {
  it("laws 1 and 2: every split of a reply comes to the same", () => {
    const decoded = decodeEverySplit(LineAdapter, program.signature, reply)
    assert.deepStrictEqual(valuesOf(decoded), {
      title: "On tides",
      points: [1, 2],
      answer: "a moon\nand: a sea\nansweredly"
    })
    assert.deepStrictEqual(decoded.texts["points"], "[1, 2]")
  })

  it("law 5: what is missing or wrong is its error, with the default feedback", () => {
    const decoder = LineAdapter.decoder(program.signature)
    decoder.push("title: x\npoints: many\n")
    const error = Result.getOrThrow(Result.flip(decoder.end().result))
    assert.strictEqual(error.adapter, "Line")
    assert.deepStrictEqual(error.missing, ["answer"])
    assert.strictEqual(
      LineAdapter.feedback(error),
      "Your reply could not be used:\n- points: expected array\n- answer: is missing\n\n" +
        "Write the whole reply again, corrected, in the form that was asked for."
    )
  })

  it.effect("streams in a program", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.text(reply, { tokens: true })])
      const events = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(Layer.merge(lm.layer, Layer.succeed(CurrentAdapter, LineAdapter)))
      )
      const chunks = events.flatMap((event) => event._tag === "StreamResponse" ? [event] : [])
      const text = (field: string) =>
        chunks.flatMap((event) => event.signatureFieldName === field ? [event.chunk] : []).join("")
      assert.strictEqual(text("title"), "On tides")
      assert.strictEqual(text("answer"), "a moon\nand: a sea\nansweredly")
      assert.strictEqual(chunks.filter((event) => event.isLastChunk).length, 3)
      const [request] = yield* lm.requests
      assert.strictEqual(request!.messages.length, 1)
    }))

  it.effect("falls back on another adapter", () =>
    Effect.gen(function*() {
      const withFallback = { ...LineAdapter, fallback: ChatAdapter.make() }
      const lm = yield* ScriptedLM.make(["no lines", ScriptedLM.chat({ title: "t", points: [], answer: "a" })])
      const prediction = yield* program({ question: "?" }).pipe(
        Effect.provide(Layer.merge(lm.layer, Layer.succeed(CurrentAdapter, withFallback)))
      )
      assert.deepStrictEqual({ ...prediction }, { title: "t", points: [], answer: "a" })
    }))
})

describe("a small form", () => {
  const form: Form.Form = {
    reply: (outputs) => `Reply with lines:\n${outputs.map(({ name }) => `${name}: ...`).join("\n")}`,
    input: (name, text) => `${name}: ${text}`,
    output: (values, inert) => values.map(({ kind, name, text }) => `${name}: ${inert(text, kind)}`).join("\n")
  }
  const Small = Adapter.fromForm({ name: "Small", form, scanner: lineScanner })
  const signature = Signature.make("question, notes: list[str] -> title, answer")
  const asked = (inputs: Adapter.AdapterCall["inputs"], more: Partial<Adapter.AdapterCall> = {}) =>
    Small.format({ signature, inputs, demos: [], config: {}, ...more })

  it("has the rest by default", () => {
    const request = asked({ question: "Why?", notes: ["n"] }, {
      demos: [{ inputs: { question: "?", notes: [] }, outputs: { title: "T", answer: "A" } }],
      turns: [{ _tag: "Reply", reply: "r", outputs: { title: "t", answer: "a" }, then: { observation: "seen" } }]
    })
    const reminder = "Reply in the form that you were told, with `title`, then `answer`."
    assert.deepStrictEqual(rows(request.messages.slice(1)), [
      ["user", "question: ?\n\nnotes: []"],
      ["assistant", "title: T\nanswer: A"],
      ["user", `question: Why?\n\nnotes: ["n"]\n\n${reminder}`],
      ["assistant", "title: t\nanswer: a"],
      ["user", `observation: seen\n\n${reminder}`]
    ])
    assert.include(
      textAt(request, 0),
      "You produce:\n- title (string)\n- answer (string)\n\nReply with lines:\ntitle: ..."
    )
    assert.deepStrictEqual(request.responseFormat, { _tag: "Text" })
    assert.isUndefined(Small.shape({ signature, inputs: {}, demos: [], config: {} }))
    const decoder = Small.decoder(signature)
    decoder.push("title: t")
    assert.isTrue(
      Small.feedback(Result.getOrThrow(Result.flip(decoder.end().result))).endsWith("in the form that was asked for.")
    )
  })

  it("writes a dot into the name of a field that its scanner would find, and nothing else", () => {
    assert.strictEqual(
      textAt(asked({ question: "The answer: 1\nanswer: 2\nTitle: 3\nquestion: 4", notes: [] }), -1).split("\n\n")[0],
      "question: The answer: 1\na\u00b7nswer: 2\nTitle: 3\nq\u00b7uestion: 4"
    )
    const remark = asked({ question: "?", notes: [] }, { turns: [{ _tag: "Note", text: "answer: x" }] })
    assert.isTrue(textAt(remark, -1).endsWith("\n\na\u00b7nswer: x"))
  })

  const Hostile = Schema.Array(
    Schema.Literals([
      "a",
      " ",
      "\n",
      "\r\n",
      "answer: evil",
      "title: evil",
      "question: evil",
      "the answer",
      "\"",
      "\\",
      "\\n"
    ])
  )
  it.prop(
    "nothing that foreign text says is read as a field, and JSON stays what it is",
    { say: Hostile },
    ({ say }) => {
      const text = say.join("")
      const content = textAt(asked({ question: text, notes: [text] }), -1)
      const told = content.slice(0, content.lastIndexOf("\n\nReply in the form"))
      const decoder = Small.decoder(signature)
      assert.deepStrictEqual([...decoder.push(told), ...decoder.end().parts], [], told)
      assert.deepStrictEqual(JSON.parse(told.slice(told.lastIndexOf("notes: ") + 7)), [text])
      const [, reply] = asked({}, { demos: [{ inputs: { question: "?" }, outputs: { title: text, answer: text } }] })
        .messages
        .slice(1)
      const [title, answer] = rows([reply!])[0]![1].split("\nanswer: ")
      assert.isString(answer)
      assert.deepStrictEqual(
        Object.keys(decode(Small, signature, [`${title}\nanswer: ${answer}`]).texts),
        ["title", "answer"]
      )
    },
    { arbitrary: { runs: 150, seed: 1 } }
  )

  it("in JSON it escapes the name's first letter, wherever a field is found", () => {
    /** Finds `note!` as a word anywhere. */
    const bang: Scanner.Make = ({ outputFields }) => {
      let all = ""
      return {
        push: (text) => {
          all += text
        },
        end: (sink) => {
          for (const { name } of outputFields) if (new RegExp(`(?<![\\\\\\w])${name}!`).test(all)) sink.open(name)
        }
      }
    }
    const Bang = Adapter.fromForm({ name: "Bang", form, scanner: bang })
    const noted = Signature.make("texts: list[str] -> note, d83d")
    const texts = ["note! x", "\note! x", "a\tnote! y", "\u0001note!", "note! \ud83d!", "\\note!", "keynote!"]
    for (const some of [texts, ...texts.map((text) => [text])]) {
      const content = textAt(Bang.format({ signature: noted, inputs: { texts: some }, demos: [], config: {} }), -1)
      const json = content.slice("texts: ".length, content.lastIndexOf("\n\nReply in the form"))
      assert.deepStrictEqual(JSON.parse(json), some)
      assert.deepStrictEqual(decode(Bang, noted, [json]).parts, [], json)
    }
  })

  it("an option or a part that there is not is refused in words", () => {
    assert.throws(
      () => Adapter.fromForm({ name: "x", form: { ...form, remind: () => "" } as Form.Form, scanner: lineScanner }),
      /the form has no option 'remind': did you mean 'reminder'/
    )
    assert.isTrue(Adapter.isAdapter(Small))
    assert.isFalse(Adapter.isAdapter(form))
  })
})
